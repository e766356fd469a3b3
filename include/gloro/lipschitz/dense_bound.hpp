// Rigorous upper bound of the spectral norm of a matrix of weights, by Gram iteration in double
// with all rounding errors added.
#pragma once

#include <Eigen/Core>

#include <concepts>

#include "gloro/core/tensor.hpp"

namespace gloro::lipschitz {

/// How far above the norm Gram iteration may stop: small beside every margin of use.
inline constexpr double bound_tolerance = 1e-5;

/// Whether Gram iteration, some ten squarings, is affordable for a matrix with so many weights that a
/// file must have: all of its entries, if it is a layer's.
[[nodiscard]] bool has_tight_dense_bound(Index rows, Index cols, double weights);

namespace detail {
// The bound below, of a matrix in memory: any expression is evaluated into one.
template <std::floating_point Scalar>
[[nodiscard]] double dense_upper_bound(const Eigen::Ref<const Matrix<Scalar>>& matrix);
}  // namespace detail

/// Never below ||matrix||_2, and above it by hardly more than bound_tolerance, if that is affordable;
/// else the quick bound. 0 for a matrix of zeros or without entries; +infinity, which certifies
/// nothing, if an entry is NaN or infinite.
template <typename Derived>
[[nodiscard]] double dense_upper_bound(const Eigen::MatrixBase<Derived>& matrix) {
  return detail::dense_upper_bound<typename Derived::Scalar>(matrix.derived());
}

}  // namespace gloro::lipschitz

#ifndef GLORO_COMPILED
#include "gloro/lipschitz/dense_bound.ipp"
#endif
