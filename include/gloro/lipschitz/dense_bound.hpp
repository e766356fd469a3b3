// Rigorous upper bound of the spectral norm of a matrix of weights, by Gram iteration in double
// with all rounding errors added.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <utility>

#include "gloro/lipschitz/affordable.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/quick_bound.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

/// How far above the norm Gram iteration may stop: small beside every margin of use.
inline constexpr double bound_tolerance = 1e-5;

/// Whether Gram iteration, some ten squarings, is affordable for a matrix with so many weights that a
/// file must have: all of its entries, if it is a layer's.
[[nodiscard]] inline bool has_tight_dense_bound(Index rows, Index cols, double weights) {
  const auto side = static_cast<double>(std::min(rows, cols));
  const auto length = static_cast<double>(std::max(rows, cols));
  return is_affordable(side * side * length + 10 * side * side * side, 0, weights);
}

/// Never below ||matrix||_2, and above it by hardly more than bound_tolerance, if that is affordable;
/// else the quick bound. 0 for a matrix of zeros or without entries; +infinity, which certifies
/// nothing, if an entry is NaN or infinite.
template <typename Derived>
[[nodiscard]] double dense_upper_bound(const Eigen::MatrixBase<Derived>& matrix) {
  auto source = scaled(matrix);
  if (!source) return infinity;
  if (source->is_zero) return source->unscaled(0);
  if (!has_tight_dense_bound(matrix.rows(), matrix.cols(), static_cast<double>(matrix.size())))
    return source->unscaled(dense_quick_bound(source->value));
  GramIteration<double> iteration(std::move(source->value));
  iteration.refine(0, bound_tolerance);
  return source->unscaled(iteration.bound());
}

}  // namespace gloro::lipschitz
