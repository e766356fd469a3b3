// Rigorous upper bound of the spectral norm of a matrix of weights, by Gram iteration in double
// with all rounding errors added.
#pragma once

#include <Eigen/Core>

#include <utility>

#include "gloro/lipschitz/gram_iteration.hpp"
#include "gloro/lipschitz/rounding.hpp"

namespace gloro {

/// How far above the norm Gram iteration may stop: small beside every margin of use.
inline constexpr double bound_tolerance = 1e-5;

/// Never below ||matrix||_2, and above it by hardly more than bound_tolerance. 0 for a matrix of
/// zeros or without entries; +infinity, which certifies nothing, if an entry is NaN or infinite.
template <typename Derived>
[[nodiscard]] double dense_upper_bound(const Eigen::MatrixBase<Derived>& matrix) {
  auto source = scaled(matrix);
  if (!source) return infinity;
  if (source->is_zero) return source->unscaled(0);
  GramIteration<double> iteration(std::move(source->value));
  iteration.refine(0, bound_tolerance);
  return source->unscaled(iteration.bound());
}

}  // namespace gloro
