// Proof that a matrix stretches no vector by more than a bound, in whole numbers of 128 bits.
#pragma once

#include "numbers.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace check {

/// Rows of entries that are not zero, in units of 2^-point, by rising columns.
struct Matrix {
  size_t columns = 0;
  std::vector<size_t> start{0};
  std::vector<std::uint32_t> column;
  std::vector<int64_t> value;

  [[nodiscard]] size_t rows() const { return start.size() - 1; }
  void end_row() { start.push_back(value.size()); }

  [[nodiscard]] Matrix transposed() const {
    Matrix t;
    t.columns = rows();
    t.start.assign(columns + 1, 0);
    for (const auto c : column) ++t.start[c + 1];
    for (size_t c = 0; c < columns; ++c) t.start[c + 1] += t.start[c];
    t.column.resize(value.size()), t.value.resize(value.size());
    std::vector<size_t> next(t.start.begin(), t.start.end() - 1);
    for (size_t r = 0; r < rows(); ++r)
      for (size_t k = start[r]; k < start[r + 1]; ++k) {
        const size_t at = next[column[k]]++;
        t.column[at] = static_cast<std::uint32_t>(r), t.value[at] = value[k];
      }
    return t;
  }
};

/// For each row of A the first row that meets it in some column: where its row of A A^T begins.
inline std::vector<size_t> profile(const Matrix& a, const Matrix& transposed) {
  std::vector<size_t> first(a.rows());
  for (size_t i = 0; i < a.rows(); ++i) {
    first[i] = i;
    for (size_t k = a.start[i]; k < a.start[i + 1]; ++k)
      first[i] = std::min<size_t>(first[i], transposed.column[transposed.start[a.column[k]]]);
  }
  return first;
}

inline Wide dot(const int64_t* a, const int64_t* b, size_t n) {
  Wide s = 0, t = 0;
  size_t k = 0;
  for (; k + 1 < n; k += 2) s += Wide{a[k]} * b[k], t += Wide{a[k + 1]} * b[k + 1];
  return k < n ? s + t + Wide{a[k]} * b[k] : s + t;
}

/// Proves ||A|| <= most by a factor L of most^2 - rho - A A^T in whole numbers: L L^T differs from it by
/// remainders below most off and 2 most on the diagonal, so by less than rho in norm.
inline bool is_bounded(const Matrix& a, const Matrix& transposed, int64_t most) {
  const std::vector<size_t> first = profile(a, transposed);
  std::vector<size_t> place(a.rows() + 1, 0);
  for (size_t i = 0; i < a.rows(); ++i) place[i + 1] = place[i] + i - first[i] + 1;
  expect(place.back() < (size_t{1} << 28U), "a layer is too large for its factor");
  const Wide rho = Wide{most} * 2 * root_up(place.back());
  const Wide diagonal = Wide{most} * most - rho;
  std::vector<int64_t> factor(place.back());
  std::vector<Wide> gram(a.rows());
  for (size_t i = 0; i < a.rows(); ++i) {
    std::fill(gram.begin() + static_cast<long>(first[i]), gram.begin() + static_cast<long>(i) + 1,
              0);
    for (size_t k = a.start[i]; k < a.start[i + 1]; ++k)
      for (size_t m = transposed.start[a.column[k]]; transposed.column[m] <= i;) {
        gram[transposed.column[m]] += Wide{a.value[k]} * transposed.value[m];
        if (++m == transposed.start[a.column[k] + 1]) break;
      }
    int64_t* row = factor.data() + place[i] - first[i];  // row[j] is L_ij
    for (size_t j = first[i]; j < i; ++j) {
      const int64_t* other = factor.data() + place[j] - first[j];
      const size_t from = std::max(first[i], first[j]);
      const Wide quotient =
          (-gram[j] - (from < j ? dot(row + from, other + from, j - from) : 0)) / other[j];
      if (quotient > most || quotient < -most) return false;
      row[j] = static_cast<int64_t>(quotient);
    }
    const Wide pivot = diagonal - gram[i] - dot(row + first[i], row + first[i], i - first[i]);
    if (pivot <= 0) return false;
    row[i] = floor_root(static_cast<Natural>(pivot));
  }
  return true;
}

/// ||A|| <= most, by the side of A whose factor costs less.
inline bool is_norm_at_most(const Matrix& a, int64_t most) {
  if (a.value.empty()) return true;
  if (most <= 0) return false;
  const Matrix t = a.transposed();
  const auto cost = [](const Matrix& m, const Matrix& mt) {
    const std::vector<size_t> first = profile(m, mt);
    Natural sum = 0;
    for (size_t i = 0; i < first.size(); ++i) sum += Natural{i - first[i] + 1} * (i - first[i] + 1);
    return sum;
  };
  return cost(a, t) <= cost(t, a) ? is_bounded(a, t, most) : is_bounded(t, a, most);
}

}  // namespace check
