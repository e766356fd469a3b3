// Rounding error of y = W x + b as the kernels compute it, dense or convolution: with every product
// passing through at most d roundings, |y^ - y| <= gamma_d (|W| |x| + |b|) entry by entry (Higham,
// "Accuracy and Stability", 2002, chapter 3), and so in norm with || |W| ||_2, bounded here.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <functional>
#include <limits>
#include <optional>

#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/lipschitz/affordable.hpp"
#include "gloro/lipschitz/filters.hpp"
#include "gloro/lipschitz/gram_iteration.hpp"
#include "gloro/lipschitz/quick_bound.hpp"
#include "gloro/lipschitz/rounding.hpp"
#include "gloro/lipschitz/rounding_bound.hpp"

namespace gloro {

namespace detail {

/// Never below ||A||_2 for a matrix A of nonnegative numbers, and on networks a few percent above
/// it: by Collatz and Wielandt, ||A||^2 <= max_i (A^T A v)_i / v_i for every positive vector v.
/// `squared(v)` computes A^T A v with each term rounded at most `roundings` times; the entries of A
/// are at most 2, and the largest is at least 1.
[[nodiscard]] inline double nonnegative_upper_bound(
    Index inputs, double roundings,
    const std::function<Vector<double>(const Vector<double>&)>& squared) {
  constexpr int steps = 12;
  constexpr double floor = 1e-3;  // keeps v positive where a column is zero
  const double shrunk = add_down(1, -gamma(roundings, unit_roundoff<double>()));
  if (!(shrunk > 0)) return infinity;
  const double lost = mul_up(mul_up(64, roundings * roundings), underflow_unit);
  Vector<double> v = Vector<double>::Ones(inputs);
  double best = infinity;
  for (int step = 0; step < steps; ++step) {
    const Vector<double> image = squared(v);
    double largest = 0;
    for (Index i = 0; i < inputs; ++i) {
      const double ratio = div_up(div_up(add_up(image(i), lost), shrunk), v(i));
      largest = ratio > largest || std::isnan(ratio) ? ratio : largest;
    }
    const double before = best;
    best = std::min(best, round_up(largest));
    if (!(best < 0.99 * before)) break;
    const double top = image.maxCoeff();
    if (!(top > 0)) break;  // weights that meet nothing but padding
    v = (image / top).cwiseMax(floor);
  }
  return sqrt_up(best);
}

/// || |W| ||, rounded up.
[[nodiscard]] inline double dense_magnitude(const std::optional<ScaledMatrix>& weight) {
  if (!weight) return infinity;
  if (weight->is_zero) return weight->unscaled(0);
  const Matrix<double> absolute = weight->value.cwiseAbs();
  return weight->unscaled(nonnegative_upper_bound(
      absolute.cols(), static_cast<double>(absolute.cols() + absolute.rows() + 4),
      [&](const Vector<double>& v) {
        return Vector<double>(absolute.transpose() * Vector<double>(absolute * v));
      }));
}

/// Whether Collatz and Wielandt's bound is affordable for a convolution, or else the quick one.
[[nodiscard]] inline bool has_tight_magnitude(const kernels::ConvolutionGeometry& g) {
  constexpr double products = 24;  // of the matrix or its transpose by a vector
  constexpr double overhead = 32;  // of an input or an output, beside its multiplications
  const auto outputs = static_cast<double>(g.output.size());
  const double values = static_cast<double>(g.input.size()) + outputs;
  const auto taps = static_cast<double>(g.taps());
  return is_affordable(products * (taps * outputs + overhead * values), 4 * values,
                       taps * static_cast<double>(g.output.channels));
}

/// || |A| ||, rounded up, for the matrix A of a convolution.
[[nodiscard]] inline double convolution_magnitude(const kernels::ConvolutionGeometry& geometry,
                                                  const std::optional<ScaledMatrix>& filters) {
  if (!filters) return infinity;
  const Index inputs = geometry.input.size(), outputs = geometry.output.size();
  if (filters->is_zero || inputs == 0 || outputs == 0) return filters->unscaled(0);
  if (!has_tight_magnitude(geometry))
    return filters->unscaled(convolution_quick_bound(geometry, filters->value));
  const Index fan_out = geometry.kernel_height * geometry.kernel_width * geometry.output.channels;
  const Matrix<double> absolute = filters->value.cwiseAbs();
  Vector<double> image(outputs);
  return filters->unscaled(nonnegative_upper_bound(
      inputs, static_cast<double>(geometry.taps() + fan_out + 4), [&](const Vector<double>& v) {
        Vector<double> back(inputs);
        kernels::convolve<double>(geometry, v.data(), absolute.data(), nullptr, image.data(), 1);
        kernels::convolve_transposed<double>(geometry, image.data(), absolute.data(), back.data(),
                                             1);
        return back;
      }));
}

/// What `terms` products and a bias cost an output, and all outputs together. `magnitude`:
/// || |W| ||; `fan_out`: outputs that an input reaches; `bias`: norm of the whole layer's bias.
template <std::floating_point Scalar>
[[nodiscard]] RoundingBound linear_rounding(double magnitude, double bias, Index depth,
                                             Index terms, Index fan_out, Index inputs,
                                             Index outputs) {
  const double relative = gamma(static_cast<double>(depth), unit_roundoff<Scalar>());
  if (!(relative < 1)) return {infinity, infinity};
  // Underflow, gradual or to zero, and denormals read as zero: each of the at most 3 (terms + 1)
  // operations of an output loses at most the smallest normal number three times over, and later
  // roundings at most double it; a weight or an input read as zero is lost with its partner.
  const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
  const auto root = [](double count) { return sqrt_up(count); };
  const double operations = 18 * (static_cast<double>(terms) + 1);
  const double weights = root(static_cast<double>(terms) * static_cast<double>(fan_out));
  const double lost = add_up(mul_up(magnitude, root(static_cast<double>(inputs))),
                             mul_up(operations, root(static_cast<double>(outputs))));
  return {add_up(mul_up(relative, magnitude), mul_up(tiny, weights)),
          add_up(mul_up(relative, bias), mul_up(tiny, lost))};
}

/// At least the Frobenius norm; +infinity if an entry is NaN or infinite.
template <typename Derived>
[[nodiscard]] double frobenius_bound_of_any(const Eigen::MatrixBase<Derived>& matrix) {
  const auto source = scaled(matrix);
  if (!source) return infinity;
  return source->unscaled(source->is_zero ? 0 : frobenius_upper_bound(source->value));
}

}  // namespace detail

/// Of kernels::multiply. `bias` may have no rows.
template <typename Scalar>
[[nodiscard]] RoundingBound dense_rounding(const Matrix<Scalar>& weight,
                                            const Matrix<Scalar>& bias) {
  const Index outputs = weight.rows(), inputs = weight.cols();
  return detail::linear_rounding<Scalar>(detail::dense_magnitude(scaled(weight)),
                                         detail::frobenius_bound_of_any(bias),
                                         kernels::product_depth(inputs), inputs, outputs, inputs,
                                         outputs);
}

/// Of one row of kernels::multiply. `bias` may have no rows.
template <typename Scalar>
[[nodiscard]] RoundingBound dense_row_rounding(const Matrix<Scalar>& weight,
                                                const Matrix<Scalar>& bias, Index row) {
  const Index inputs = weight.cols();
  const double offset = bias.rows() > 0 ? std::abs(static_cast<double>(bias(row, 0))) : 0;
  return detail::linear_rounding<Scalar>(detail::frobenius_bound_of_any(weight.row(row)), offset,
                                         kernels::product_depth(inputs), inputs, 1, inputs, 1);
}

/// Of kernels::convolve. `filters`: cout x (kh kw cin); `bias` may have no rows.
template <typename Scalar>
[[nodiscard]] RoundingBound convolution_rounding(const kernels::ConvolutionGeometry& geometry,
                                                  const Matrix<Scalar>& filters,
                                                  const Matrix<Scalar>& bias) {
  require_filters_fit(geometry, filters);
  const Index inputs = geometry.input.size(), outputs = geometry.output.size();
  const Index fan_out = geometry.kernel_height * geometry.kernel_width * geometry.output.channels;
  const double pixels = static_cast<double>(geometry.output.height * geometry.output.width);
  const double offset = mul_up(detail::frobenius_bound_of_any(bias), sqrt_up(pixels));
  return detail::linear_rounding<Scalar>(
      detail::convolution_magnitude(geometry, scaled(filters)), offset,
      kernels::summation_depth(geometry), geometry.taps(), fan_out, inputs, outputs);
}

}  // namespace gloro
