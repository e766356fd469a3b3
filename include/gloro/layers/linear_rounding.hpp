// The rounding of the layers that multiply by weights, from the weights themselves and the depth that
// the kernels promise (rounding/products.hpp). A bias may have no rows.
#pragma once

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

/// Of kernels::multiply.
template <typename Scalar>
[[nodiscard]] RoundingBound dense_rounding(const Matrix<Scalar>& weight,
                                           const Matrix<Scalar>& bias);

/// Of one row of kernels::multiply.
template <typename Scalar>
[[nodiscard]] RoundingBound dense_row_rounding(const Matrix<Scalar>& weight,
                                               const Matrix<Scalar>& bias, Index row);

/// Of kernels::convolve. `filters`: cout x (kh kw cin).
template <typename Scalar>
[[nodiscard]] RoundingBound convolution_rounding(const kernels::ConvolutionGeometry& geometry,
                                                 const Matrix<Scalar>& filters,
                                                 const Matrix<Scalar>& bias);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/linear_rounding.ipp"
#endif
