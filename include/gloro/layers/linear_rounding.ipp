// The bodies of linear_rounding.hpp.
#pragma once

#include "gloro/layers/linear_rounding.hpp"

#include <cmath>

#include "gloro/kernels/promises.hpp"
#include "gloro/lipschitz/detail/filters.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/rounding/products.hpp"

namespace gloro {

template <typename Scalar>
RoundingBound dense_rounding(const Matrix<Scalar>& weight, const Matrix<Scalar>& bias) {
  return rounding::of_products<Scalar>({.magnitude = lipschitz::dense_magnitude(weight),
                                        .bias = lipschitz::frobenius_bound(bias),
                                        .depth = kernels::product_depth(weight.cols()),
                                        .terms = weight.cols(),
                                        .fan_out = weight.rows(),
                                        .inputs = weight.cols(),
                                        .outputs = weight.rows()});
}

template <typename Scalar>
RoundingBound dense_row_rounding(const Matrix<Scalar>& weight, const Matrix<Scalar>& bias,
                                 Index row) {
  const double offset = bias.rows() > 0 ? std::abs(static_cast<double>(bias(row, 0))) : 0;
  return rounding::of_products<Scalar>({.magnitude = lipschitz::frobenius_bound(weight.row(row)),
                                        .bias = offset,
                                        .depth = kernels::product_depth(weight.cols()),
                                        .terms = weight.cols(),
                                        .fan_out = 1,
                                        .inputs = weight.cols(),
                                        .outputs = 1});
}

template <typename Scalar>
RoundingBound convolution_rounding(const kernels::ConvolutionGeometry& geometry,
                                   const Matrix<Scalar>& filters, const Matrix<Scalar>& bias) {
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

#ifdef GLORO_COMPILING
template RoundingBound dense_rounding(const Matrix<float>&, const Matrix<float>&);
template RoundingBound dense_row_rounding(const Matrix<float>&, const Matrix<float>&, Index);
template RoundingBound convolution_rounding(const kernels::ConvolutionGeometry&,
                                            const Matrix<float>&, const Matrix<float>&);
template RoundingBound dense_rounding(const Matrix<double>&, const Matrix<double>&);
template RoundingBound dense_row_rounding(const Matrix<double>&, const Matrix<double>&, Index);
template RoundingBound convolution_rounding(const kernels::ConvolutionGeometry&,
                                            const Matrix<double>&, const Matrix<double>&);
#endif

}  // namespace gloro
