// The nearly orthogonal factor of a matrix by Newton and Schulz' iteration, as Muon takes it.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/kernels/product_gradients.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::detail {

/// A step maps each singular value s to a s + b s^3 + c s^5 (Jordan et al., 2024): small ones grow by 3.4
/// a step, and after five all that were not tiny lie between 0.7 and 1.2, near enough.
struct NewtonSchulz {
  static constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
  static constexpr int steps = 5;
};

/// a b, its columns shared out in slices; of each, the bits are the same in any slice.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<Scalar> product(const Matrix<Scalar>& a, const Matrix<Scalar>& b,
                                     Workers& workers) {
  Matrix<Scalar> result(a.rows(), b.cols());
  constexpr Index most = 256;  // columns whose sums fit the cache
  constexpr Index least = 32;  // fewer are not worth packing `a`
  const Index share = (b.cols() + workers.threads() - 1) / workers.threads();
  const Index width = std::clamp(share, least, most);
  const auto slice = [&](Index i) {
    const Index first = i * width;
    kernels::multiply<Scalar>({.outputs = a.rows(),
                               .inputs = a.cols(),
                               .batch = std::min(width, b.cols() - first),
                               .weights = a.data(),
                               .x = b.col(first).data(),
                               .y = result.col(first).data()});
  };
  workers.for_each((b.cols() + width - 1) / width, std::cref(slice));
  return result;
}

/// x x^T, summed over slices of columns that are the same for any number of workers.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<Scalar> gram(const Matrix<Scalar>& x, Workers& workers) {
  const Index rows = x.rows(), width = std::max<Index>(rows, 128);
  std::vector<Matrix<Scalar>> sums(static_cast<std::size_t>((x.cols() + width - 1) / width));
  const auto slice = [&](Index i) {
    Matrix<Scalar>& sum = sums[static_cast<std::size_t>(i)];
    sum = Matrix<Scalar>::Zero(rows, rows);
    const Scalar* columns = x.col(i * width).data();
    kernels::outer_add<Scalar>({.outputs = rows,
                                .inputs = rows,
                                .batch = std::min(width, x.cols() - i * width),
                                .x = columns,
                                .dy = columns,
                                .dweights = sum.data()});
  };
  workers.for_each(static_cast<Index>(sums.size()), std::cref(slice));
  tree_sum(static_cast<Index>(sums.size()), [&](Index i, Index j) {
    sums[static_cast<std::size_t>(i)] += sums[static_cast<std::size_t>(j)];
  });
  return std::move(sums.front());
}

/// U p(S) V^T of a matrix U S V^T, with singular values p(s) by the steps above from s over their 2-norm;
/// zero where squares vanish. The steps are taken by the smaller Gram matrix G alone: each multiplies with
/// a polynomial P(G) and leaves P G P, and the matrix itself is multiplied once, with all of them.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<Scalar> orthogonalized(const Matrix<Scalar>& matrix, Workers& workers) {
  if (matrix.rows() > matrix.cols())
    return orthogonalized<Scalar>(matrix.transpose(), workers).transpose();
  Matrix<Scalar> g = gram(matrix, workers);
  double squares = 0;
  for (const Scalar value : g.diagonal()) squares += static_cast<double>(value);
  if (squares < std::numeric_limits<Scalar>::min())
    return Matrix<Scalar>::Zero(matrix.rows(), matrix.cols());
  g *= static_cast<Scalar>(1 / squares);
  Matrix<Scalar> all;
  for (int step = 1; step <= NewtonSchulz::steps; ++step) {
    Matrix<Scalar> p = static_cast<Scalar>(NewtonSchulz::b) * g +
                       static_cast<Scalar>(NewtonSchulz::c) * product(g, g, workers);
    p.diagonal().array() += static_cast<Scalar>(NewtonSchulz::a);
    if (step < NewtonSchulz::steps) g = product(product(p, g, workers), p, workers);
    all = step == 1 ? p : product(p, all, workers);
  }
  all *= static_cast<Scalar>(1 / std::sqrt(squares));
  return product(all, matrix, workers);
}

}  // namespace gloro::detail
