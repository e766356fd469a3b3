// The bodies of magnitude_bound.hpp.
#pragma once

#include "gloro/lipschitz/magnitude_bound.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "gloro/core/compiled.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/convolution_transposed.hpp"
#include "gloro/lipschitz/affordable.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/quick_bound.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

using namespace rounding;

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

}  // namespace detail

template <std::floating_point Scalar>
double detail::dense_magnitude(const Eigen::Ref<const Matrix<Scalar>>& matrix) {
  const auto weight = scaled(matrix);
  if (!weight) return infinity;
  if (weight->is_zero) return weight->unscaled(0);
  const Matrix<double> absolute = weight->value.cwiseAbs();
  return weight->unscaled(nonnegative_upper_bound(
      absolute.cols(), static_cast<double>(absolute.cols() + absolute.rows() + 4),
      [&](const Vector<double>& v) {
        return Vector<double>(absolute.transpose() * Vector<double>(absolute * v));
      }));
}

GLORO_INLINE bool has_tight_magnitude(const kernels::ConvolutionGeometry& g) {
  constexpr double products = 24;  // of the matrix or its transpose by a vector
  constexpr double overhead = 32;  // of an input or an output, beside its multiplications
  const auto outputs = static_cast<double>(g.output.size());
  const double values = static_cast<double>(g.input.size()) + outputs;
  const auto taps = static_cast<double>(g.taps());
  return is_affordable(products * (taps * outputs + overhead * values), 4 * values,
                       taps * static_cast<double>(g.output.channels));
}

template <std::floating_point Scalar>
double detail::convolution_magnitude(const kernels::ConvolutionGeometry& geometry,
                                     const Eigen::Ref<const Matrix<Scalar>>& matrix) {
  const auto filters = scaled(matrix);
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
        kernels::convolve<double>(
            {.geometry = geometry, .filters = absolute.data(), .x = v.data(), .y = image.data()});
        kernels::convolve_transposed<double>({.geometry = geometry,
                                              .filters = absolute.data(),
                                              .dy = image.data(),
                                              .dx = back.data()});
        return back;
      }));
}

template <std::floating_point Scalar>
double detail::frobenius_bound(const Eigen::Ref<const Matrix<Scalar>>& matrix) {
  const auto source = scaled(matrix);
  if (!source) return infinity;
  return source->unscaled(source->is_zero ? 0 : frobenius_upper_bound(source->value));
}

#ifdef GLORO_COMPILING
template double detail::dense_magnitude<float>(const Eigen::Ref<const Matrix<float>>&);
template double detail::dense_magnitude<double>(const Eigen::Ref<const Matrix<double>>&);
template double detail::convolution_magnitude<float>(const kernels::ConvolutionGeometry&,
                                                     const Eigen::Ref<const Matrix<float>>&);
template double detail::convolution_magnitude<double>(const kernels::ConvolutionGeometry&,
                                                      const Eigen::Ref<const Matrix<double>>&);
template double detail::frobenius_bound<float>(const Eigen::Ref<const Matrix<float>>&);
template double detail::frobenius_bound<double>(const Eigen::Ref<const Matrix<double>>&);
#endif

}  // namespace gloro::lipschitz
