// The bodies of conv2d.hpp.
#pragma once

#include "gloro/layers/conv2d.hpp"

#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/promises.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/detail/defined_convolution.hpp"
#include "gloro/layers/linear_rounding.hpp"
#include "gloro/lipschitz/convolution_bound.hpp"
#include "gloro/lipschitz/power_iteration.hpp"

namespace gloro {

template <std::floating_point Scalar>
Conv2D<Scalar>::Conv2D(Conv2DOptions options) : options_(options) {
  if (options.filters < 1)
    throw ArgumentError(message("Conv2D needs filters >= 1, got ", options.filters));
}

template <std::floating_point Scalar>
Shape Conv2D<Scalar>::output_shape(Shape input) const {
  return on(input).output;
}

template <std::floating_point Scalar>
double Conv2D<Scalar>::memory(Shape input) const {
  const kernels::ConvolutionGeometry g = on(input);
  return Base::memory_of(options_.filters, g.taps(), input.size()) + kernels::scratch(g);
}

template <std::floating_point Scalar>
void Conv2D<Scalar>::place(Shape input) {
  geometry_ = on(input);
  Base::place(options_.filters,
              {.row = {options_.kernel.height, options_.kernel.width, input.channels}},
              options_.bias, input.size());
}

template <std::floating_point Scalar>
void Conv2D<Scalar>::draw(Random& random) {
  Base::draw(options_.initializer, options_.kernel.height * options_.kernel.width, random);
}

template <std::floating_point Scalar>
Tensor<Scalar> Conv2D<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  Tensor<Scalar> y(geometry_.output, x.batch());
  kernels::convolve<Scalar>({.geometry = geometry_,
                             .filters = weight_.value.data(),
                             .bias = bias_data(),
                             .x = x.data(),
                             .y = y.data(),
                             .batch = x.batch()},
                            pass.workers);
  pass.keep(std::move(x));
  return y;
}

template <std::floating_point Scalar>
double Conv2D<Scalar>::definition(const Tensor<double>& x, Index i) const {
  return defined_convolution(geometry_, weight_.value, bias_.value, x, i);
}

template <std::floating_point Scalar>
Tensor<Scalar> Conv2D<Scalar>::backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> x = pass.tape.pop();
  if (!pass.gradients.empty()) {
    kernels::correlate_filters<Scalar>({.geometry = geometry_,
                                        .x = x.data(),
                                        .dy = dy.data(),
                                        .dfilters = pass.gradients[0].data(),
                                        .batch = x.batch()});
    if (has_bias() && !dy.empty()) {
      const Eigen::Map<const Matrix<Scalar>> pixels(dy.data(), options_.filters,
                                                    dy.size() / options_.filters);
      pass.gradients[1] += pixels.rowwise().sum();
    }
  }
  if (!pass.input_gradient) return {};
  Tensor<Scalar> dx(geometry_.input, x.batch());
  kernels::convolve_transposed<Scalar>({.geometry = geometry_,
                                        .filters = weight_.value.data(),
                                        .dy = dy.data(),
                                        .dx = dx.data(),
                                        .batch = x.batch()});
  return dx;
}

template <std::floating_point Scalar>
void Conv2D<Scalar>::refresh_lipschitz(int iterations, Workers* workers) {
  lipschitz::power_iteration(
      right_.value, iterations, [&](const auto& v) { return apply(v, workers); },
      [&](const auto& u) {
        Matrix<Scalar> v(geometry_.input.size(), 1);
        kernels::convolve_transposed<Scalar>({.geometry = geometry_,
                                              .filters = weight_.value.data(),
                                              .dy = u.data(),
                                              .dx = v.data()},
                                             workers);
        return v;
      });
}

template <std::floating_point Scalar>
Scalar Conv2D<Scalar>::lipschitz(Workers* workers) const {
  return apply(right_.value, workers).norm();
}

template <std::floating_point Scalar>
void Conv2D<Scalar>::lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
  Matrix<Scalar> left = apply(right_.value);
  const Scalar norm = left.norm();
  if (!(norm > 0)) return;
  left *= g / norm;
  kernels::correlate_filters<Scalar>({.geometry = geometry_,
                                      .x = right_.value.data(),
                                      .dy = left.data(),
                                      .dfilters = gradients[0].data()});
}

template <std::floating_point Scalar>
double Conv2D<Scalar>::lipschitz_upper_bound() const {
  return lipschitz::convolution_upper_bound(geometry_, weight_.value);
}

template <std::floating_point Scalar>
bool Conv2D<Scalar>::has_quick_bound() const {
  return !lipschitz::has_tight_convolution_bound(geometry_);
}

template <std::floating_point Scalar>
RoundingBound Conv2D<Scalar>::rounding() const {
  return convolution_rounding(geometry_, weight_.value, bias_.value);
}

template <std::floating_point Scalar>
Description Conv2D<Scalar>::describe() const {
  Description description{type,
                          {{"filters", options_.filters},
                           {"kernel", options_.kernel.described()},
                           {"stride", options_.stride.described()},
                           {"padding", options_.padding.described()}}};
  if (!options_.bias) description.options.emplace_back("bias", false);
  return description;
}

template <std::floating_point Scalar>
Conv2D<Scalar> Conv2D<Scalar>::from(DescribedOptions& options) {
  return Conv2D({.filters = options.number("filters"),
                 .kernel = options.extent("kernel"),
                 .stride = options.extent("stride"),
                 .padding = options.padding("padding"),
                 .bias = options.truth("bias", true)});
}

template <std::floating_point Scalar>
template <std::floating_point Other>
Conv2D<Other> Conv2D<Scalar>::cast() const {
  Conv2D<Other> other(options_);
  other.geometry_ = geometry_;
  other.take(*this);
  return other;
}

template <std::floating_point Scalar>
kernels::ConvolutionGeometry Conv2D<Scalar>::on(const Shape& input) const {
  return Window{options_.kernel, options_.stride, options_.padding}.on(input, options_.filters);
}

template <std::floating_point Scalar>
Matrix<Scalar> Conv2D<Scalar>::apply(const Matrix<Scalar>& v, Workers* workers) const {
  Matrix<Scalar> u(geometry_.output.size(), 1);
  kernels::convolve<Scalar>(
      {.geometry = geometry_, .filters = weight_.value.data(), .x = v.data(), .y = u.data()},
      workers);
  return u;
}

#ifdef GLORO_COMPILING
template class Conv2D<float>;
template class Conv2D<double>;
GLORO_LAYER_CASTS(Conv2D)
GLORO_HELD_LAYER(, Conv2D)
#endif

}  // namespace gloro
