// || |W| ||, the norm of a matrix or a convolution with all weights made positive, rounded up: what the
// rounding errors of its products grow with (rounding/products.hpp). Not below ||W|| either.
#pragma once

#include <Eigen/Core>

#include <concepts>

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::lipschitz {

namespace detail {
// The norms below, of a matrix in memory: any expression is evaluated into one.
template <std::floating_point Scalar>
[[nodiscard]] double dense_magnitude(const Eigen::Ref<const Matrix<Scalar>>& matrix);
template <std::floating_point Scalar>
[[nodiscard]] double convolution_magnitude(const kernels::ConvolutionGeometry& geometry,
                                           const Eigen::Ref<const Matrix<Scalar>>& matrix);
template <std::floating_point Scalar>
[[nodiscard]] double frobenius_bound(const Eigen::Ref<const Matrix<Scalar>>& matrix);
}  // namespace detail

/// || |W| || of a matrix, rounded up.
template <typename Derived>
[[nodiscard]] double dense_magnitude(const Eigen::MatrixBase<Derived>& matrix) {
  return detail::dense_magnitude<typename Derived::Scalar>(matrix.derived());
}

/// Whether Collatz and Wielandt's bound is affordable for a convolution, or else the quick one.
[[nodiscard]] bool has_tight_magnitude(const kernels::ConvolutionGeometry& g);

/// || |A| ||, rounded up, for the matrix A of a convolution.
template <typename Derived>
[[nodiscard]] double convolution_magnitude(const kernels::ConvolutionGeometry& geometry,
                                           const Eigen::MatrixBase<Derived>& matrix) {
  return detail::convolution_magnitude<typename Derived::Scalar>(geometry, matrix.derived());
}

/// At least the Frobenius norm; +infinity if an entry is NaN or infinite.
template <typename Derived>
[[nodiscard]] double frobenius_bound(const Eigen::MatrixBase<Derived>& matrix) {
  return detail::frobenius_bound<typename Derived::Scalar>(matrix.derived());
}

}  // namespace gloro::lipschitz

#ifndef GLORO_COMPILED
#include "gloro/lipschitz/magnitude_bound.ipp"
#endif
