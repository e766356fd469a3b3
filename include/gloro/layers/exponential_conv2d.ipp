// The bodies of exponential_conv2d.hpp.
#pragma once

#include "gloro/layers/exponential_conv2d.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/detail/defined_convolution.hpp"
#include "gloro/layers/linear_map.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro {

template <std::floating_point Scalar>
ExponentialConv2D<Scalar>::ExponentialConv2D(ExponentialConv2DOptions options)
    : options_(options), conv_({.kernel = options.kernel, .bias = false}) {
  const Extent& kernel = options.kernel;
  if (kernel.height < 1 || kernel.width < 1 || kernel.height % 2 == 0 || kernel.width % 2 == 0)
    throw ArgumentError(message("ExponentialConv2D needs a kernel of odd extents, got ",
                                kernel.height, "x", kernel.width));
}

template <std::floating_point Scalar>
Conv2D<Scalar> ExponentialConv2D<Scalar>::conv(const Shape& input) const {
  if (input.size() < 1)
    throw ShapeError(message("ExponentialConv2D got an empty input of ", input));
  const Extent kernel = input.is_flat() ? Extent(1) : options_.kernel;
  return Conv2D<Scalar>({.filters = input.channels, .kernel = kernel, .bias = false});
}

template <std::floating_point Scalar>
double ExponentialConv2D<Scalar>::memory(Shape input) const {
  return conv(input).memory(input) + static_cast<double>(input.size());
}

template <std::floating_point Scalar>
void ExponentialConv2D<Scalar>::place(Shape input) {
  conv_ = conv(input);
  conv_.place(input);
}

template <std::floating_point Scalar>
void ExponentialConv2D<Scalar>::draw(Random& random) {
  conv_.draw(random);
}

/// By Horner: t_4 = x, t_(k-1) = x + A t_k / k, and y = t_0.
template <std::floating_point Scalar>
Tensor<Scalar> ExponentialConv2D<Scalar>::forward(Tensor<Scalar> x,
                                                  const Pass<Scalar>& pass) const {
  Tensor<Scalar> t = x;
  for (int k = order; k > 0; --k) {
    t = conv_.forward(std::move(t), pass);
    t.matrix() = x.matrix() + t.matrix() / static_cast<Scalar>(k);
  }
  return t;
}

/// The same in plain loops, on as much of the image as the output's pixel sees of it.
template <std::floating_point Scalar>
std::optional<double> ExponentialConv2D<Scalar>::definition(const Tensor<double>& x,
                                                            Index i) const {
  const kernels::ConvolutionGeometry all = conv_.convolution();
  const Index channels = all.input.channels, pixel = i / channels;
  const auto seen = [](Index at, Index reach, Index size) {
    const Index first = std::max<Index>(0, at - order * reach);
    return std::pair(first, std::min(size, at + order * reach + 1) - first);
  };
  const auto [top, rows] = seen(pixel / all.input.width, all.pad_top, all.input.height);
  const auto [left, columns] = seen(pixel % all.input.width, all.pad_left, all.input.width);
  kernels::ConvolutionGeometry g = all;
  g.input = g.output = Shape{rows, columns, channels};
  constexpr double quick = 0x1p20;
  // Of all outputs or of none: a pixel in the middle sees most.
  const Index most = std::min(all.input.height, Index{2} * order * all.pad_top + 1) *
                     std::min(all.input.width, Index{2} * order * all.pad_left + 1);
  if (static_cast<double>(most * channels) * static_cast<double>(g.taps()) > quick) return {};
  Tensor<double> patch(g.input, 1);
  for (Index row = 0; row < rows; ++row)
    std::copy_n(x.data() + ((top + row) * all.input.width + left) * channels, columns * channels,
                patch.data() + row * columns * channels);
  Tensor<double> t = patch;
  for (int k = order; k > 0; --k) {
    Tensor<double> next = patch;
    for (Index j = 0; j < t.size(); ++j)
      next.data()[j] += defined_convolution(g, conv_.weight(), conv_.bias(), t, j) / k;
    t = std::move(next);
  }
  const Index own = (pixel / all.input.width - top) * columns + pixel % all.input.width - left;
  return t.data()[own * channels + i % channels];
}

/// The gradients of t_0 to t_4 in turn, A^T of the last one's over k; x is in each.
template <std::floating_point Scalar>
Tensor<Scalar> ExponentialConv2D<Scalar>::backward(Tensor<Scalar> dy,
                                                   const BackwardPass<Scalar>& pass) const {
  Tensor<Scalar> dx = dy;
  for (int k = 1; k <= order; ++k) {
    dy.matrix() /= static_cast<Scalar>(k);
    const bool is_asked_for = k < order || pass.input_gradient;
    dy = conv_.backward(std::move(dy), {pass.tape, pass.gradients, is_asked_for});
    if (is_asked_for) dx.matrix() += dy.matrix();
  }
  if (!pass.input_gradient) return {};
  return dx;
}

template <std::floating_point Scalar>
void ExponentialConv2D<Scalar>::refresh_lipschitz(int iterations, Workers* workers) {
  conv_.refresh_lipschitz(iterations, workers);
}

namespace detail {

/// 1 - s^6 / 72 + s^8 / 576 = |1 + z + ... + z^4 / 24|^2 for z = i s: at most 1 while s^2 <= 8, and rising
/// beyond.
[[nodiscard]] inline double squared_length(double s) {
  return 1 + std::pow(s, 6) * (s * s - 8) / 576;
}

}  // namespace detail

template <std::floating_point Scalar>
Scalar ExponentialConv2D<Scalar>::lipschitz(Workers* workers) const {
  const auto s = static_cast<double>(conv_.lipschitz(workers));
  if (is_skew()) return static_cast<Scalar>(std::sqrt(std::max(1.0, detail::squared_length(s))));
  return static_cast<Scalar>(1 + s * (1 + s / 2 * (1 + s / 3 * (1 + s / 4))));
}

template <std::floating_point Scalar>
void ExponentialConv2D<Scalar>::lipschitz_backward(
    Scalar g, std::span<GradientView<Scalar>> gradients) const {
  const auto s = static_cast<double>(conv_.lipschitz());
  double slope = 1 + s * (1 + s / 2 * (1 + s / 3));
  if (is_skew()) {
    if (!(s * s > 8)) return;
    slope = std::pow(s, 5) * (s * s - 6) / 144 / std::sqrt(detail::squared_length(s));
  }
  conv_.lipschitz_backward(g * static_cast<Scalar>(slope), gradients);
}

template <std::floating_point Scalar>
double ExponentialConv2D<Scalar>::lipschitz_upper_bound() const {
  using namespace rounding;
  const double s = conv_.lipschitz_upper_bound(), square = mul_up(s, s);
  // Weights that are read as zero might not be skew.
  if (is_skew() && !reads_denormals_as_zero<Scalar>()) {
    if (square <= 8) return 1;
    const double excess = mul_up(mul_up(square, mul_up(square, square)), add_up(square, -8));
    return sqrt_up(add_up(1, div_up(excess, 576)));
  }
  double bound = 1;
  for (int k = order; k > 0; --k) bound = add_up(1, div_up(mul_up(s, bound), k));
  return bound;
}

template <std::floating_point Scalar>
RoundingBound ExponentialConv2D<Scalar>::rounding() const {
  using namespace rounding;
  const auto values = static_cast<double>(conv_.convolution().input.size());
  const double norm = conv_.lipschitz_upper_bound();
  const RoundingBound input{1, 0}, product = conv_.rounding();
  RoundingBound size = input, error;  // of t_k, and what it is off by
  for (int k = order; k > 0; --k) {
    const double share = div_up(1, k);
    const RoundingBound own = product.at(size);
    const RoundingBound step = share * (norm * size + own);  // A t_k / k, as computed
    const RoundingBound last =
        gamma(2, unit_roundoff<Scalar>()) * (input + step) + underflow<Scalar>(2, values);
    error = share * (norm * error + own) + last;
    size = input + step + last;
  }
  return error;
}

template <std::floating_point Scalar>
Matrix<Scalar> ExponentialConv2D<Scalar>::skew(const Matrix<Scalar>& v) const {
  return (v - LinearMap(conv_.convolution()).adjoint_weights(v)) / Scalar(2);
}

template <std::floating_point Scalar>
bool ExponentialConv2D<Scalar>::is_skew() const {
  return conv_.weight() == -LinearMap(conv_.convolution()).adjoint_weights(conv_.weight());
}

template <std::floating_point Scalar>
Description ExponentialConv2D<Scalar>::describe() const {
  const kernels::ConvolutionGeometry g = conv_.convolution();
  return {type, {{"kernel", Extent(g.kernel_height, g.kernel_width).described()}}};
}

template <std::floating_point Scalar>
ExponentialConv2D<Scalar> ExponentialConv2D<Scalar>::from(DescribedOptions& options) {
  return ExponentialConv2D({.kernel = options.extent("kernel")});
}

template <std::floating_point Scalar>
template <std::floating_point Other>
ExponentialConv2D<Other> ExponentialConv2D<Scalar>::cast() const {
  ExponentialConv2D<Other> other(options_);
  other.conv_ = conv_.template cast<Other>();
  return other;
}

#ifdef GLORO_COMPILING
template class ExponentialConv2D<float>;
template class ExponentialConv2D<double>;
GLORO_LAYER_CASTS(ExponentialConv2D)
GLORO_HELD_LAYER(, ExponentialConv2D)
#endif

}  // namespace gloro
