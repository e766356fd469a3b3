// MinMax of vectors of any length and span against plain pairs: it moves values, it computes none.
#include "gloro/kernels/minmax.hpp"

#include "catch.hpp"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

using gloro::Index;

namespace {

template <typename Scalar>
bool same_bits(const std::vector<Scalar>& a, const std::vector<Scalar>& b) {
  if (a.empty() || b.empty()) return a.empty() && b.empty();
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Scalar)) == 0;
}

// Small integers, so that there are ties, with NaNs, infinities and zeros of both signs.
template <typename Scalar>
std::vector<Scalar> awkward_values(std::size_t count, std::mt19937& random) {
  std::uniform_int_distribution<int> integer(-3, 6);
  std::vector<Scalar> values(count);
  for (auto& value : values) {
    const int i = integer(random);
    value = i == 4   ? std::numeric_limits<Scalar>::quiet_NaN()
            : i == 5 ? std::numeric_limits<Scalar>::infinity()
            : i == 6 ? -Scalar(0)
                     : static_cast<Scalar>(i);
  }
  return values;
}

template <typename Scalar>
void check(Index span, Index runs, std::mt19937& random) {
  CAPTURE(span, runs);
  const auto count = static_cast<std::size_t>(2 * span * runs);
  const auto x = awkward_values<Scalar>(count, random), dy = awkward_values<Scalar>(count, random);
  std::vector<Scalar> y(x), dx(dy);
  for (std::size_t run = 0; run < count; run += 2 * static_cast<std::size_t>(span))
    for (std::size_t i = run; i < run + static_cast<std::size_t>(span); ++i) {
      const std::size_t j = i + static_cast<std::size_t>(span);
      if (x[i] < x[j]) continue;
      std::swap(y[i], y[j]);
      std::swap(dx[i], dx[j]);
    }
  const auto size = static_cast<Index>(count);
  std::vector<Scalar> result(count), in_place(x), gradient(dy);
  gloro::kernels::minmax<Scalar>({.size = size, .span = span, .x = x.data(), .y = result.data()});
  CHECK(same_bits(result, y));
  gloro::kernels::minmax<Scalar>(
      {.size = size, .span = span, .x = in_place.data(), .y = in_place.data()});
  CHECK(same_bits(in_place, y));
  gloro::kernels::minmax_backward<Scalar>(
      {.size = size, .span = span, .x = x.data(), .dy = gradient.data()});
  CHECK(same_bits(gradient, dx));
}

}  // namespace

TEST_CASE("MinMax orders pairs of any span and sends gradients back, bit for bit") {
  std::mt19937 random(1);
  for (const Index span : {1, 2, 3, 4, 5, 8, 12, 16, 17, 32, 48})
    for (const Index runs : {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33}) {
      check<float>(span, runs, random);
      check<double>(span, runs, random);
    }
}
