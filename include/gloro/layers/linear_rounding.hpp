// The rounding of the layers that multiply by weights, from the weights themselves and the depth that
// the kernels promise (rounding/products.hpp). A bias may have no rows.
#pragma once

#include <cmath>

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/lipschitz/detail/filters.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/rounding/bound.hpp"
#include "gloro/rounding/products.hpp"

namespace gloro {

/// Of kernels::multiply.
template <typename Scalar>
[[nodiscard]] RoundingBound dense_rounding(const Matrix<Scalar>& weight,
                                           const Matrix<Scalar>& bias) {
  return rounding::of_products<Scalar>({.magnitude = lipschitz::dense_magnitude(weight),
                                        .bias = lipschitz::frobenius_bound(bias),
                                        .depth = kernels::product_depth(weight.cols()),
                                        .terms = weight.cols(),
                                        .fan_out = weight.rows(),
                                        .inputs = weight.cols(),
                                        .outputs = weight.rows()});
}

/// Of one row of kernels::multiply.
template <typename Scalar>
[[nodiscard]] RoundingBound dense_row_rounding(const Matrix<Scalar>& weight,
                                               const Matrix<Scalar>& bias, Index row) {
  const double offset = bias.rows() > 0 ? std::abs(static_cast<double>(bias(row, 0))) : 0;
  return rounding::of_products<Scalar>({.magnitude = lipschitz::frobenius_bound(weight.row(row)),
                                        .bias = offset,
                                        .depth = kernels::product_depth(weight.cols()),
                                        .terms = weight.cols(),
                                        .fan_out = 1,
                                        .inputs = weight.cols(),
                                        .outputs = 1});
}

/// Of kernels::convolve. `filters`: cout x (kh kw cin).
template <typename Scalar>
[[nodiscard]] RoundingBound convolution_rounding(const kernels::ConvolutionGeometry& geometry,
                                                 const Matrix<Scalar>& filters,
                                                 const Matrix<Scalar>& bias) {
  lipschitz::require_filters_fit(geometry, filters);
  const auto pixels = static_cast<double>(geometry.output.height * geometry.output.width);
  return rounding::of_products<Scalar>(
      {.magnitude = lipschitz::convolution_magnitude(geometry, filters),
       .bias = rounding::mul_up(lipschitz::frobenius_bound(bias), rounding::sqrt_up(pixels)),
       .depth = kernels::summation_depth(geometry),
       .terms = geometry.taps(),
       .fan_out = geometry.kernel_height * geometry.kernel_width * geometry.output.channels,
       .inputs = geometry.input.size(),
       .outputs = geometry.output.size()});
}

}  // namespace gloro
