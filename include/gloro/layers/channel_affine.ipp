// The bodies of channel_affine.hpp.
#pragma once

#include "gloro/layers/channel_affine.hpp"

#include <cmath>
#include <limits>

#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

template <std::floating_point Scalar>
ChannelAffine<Scalar>::ChannelAffine(ChannelAffineOptions options)
    : options_(options), gain_{.name = "gain"}, bias_{.name = "bias"} {
  if (!options.gain && !options.bias)
    throw ArgumentError("ChannelAffine needs gains, biases or both");
}

template <std::floating_point Scalar>
void ChannelAffine<Scalar>::place(Shape input) {
  if (options_.gain) gain_.value.setOnes(input.channels, 1);
  if (options_.bias) bias_.value.setZero(input.channels, 1);
  pixels_ = input.height * input.width;
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> ChannelAffine<Scalar>::parameters() {
  std::vector<Parameter<Scalar>*> all;
  if (options_.gain) all.push_back(&gain_);
  if (options_.bias) all.push_back(&bias_);
  return all;
}

template <std::floating_point Scalar>
Tensor<Scalar> ChannelAffine<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  if (options_.gain) {
    pass.keep(x);
    as_pixels(x).array().colwise() *= gain_.value.col(0).array();
  }
  if (options_.bias) as_pixels(x).colwise() += bias_.value.col(0);
  return x;
}

template <std::floating_point Scalar>
double ChannelAffine<Scalar>::definition(const Tensor<double>& x, Index i) const {
  const Index c = i % x.shape().channels;
  const double gain = options_.gain ? static_cast<double>(gain_.value(c, 0)) : 1;
  const double bias = options_.bias ? static_cast<double>(bias_.value(c, 0)) : 0;
  return gain * x.data()[i] + bias;
}

template <std::floating_point Scalar>
Tensor<Scalar> ChannelAffine<Scalar>::backward(Tensor<Scalar> dy,
                                               const BackwardPass<Scalar>& pass) const {
  auto pixels = as_pixels(dy);
  if (options_.bias && !pass.gradients.empty()) pass.gradients.back() += pixels.rowwise().sum();
  if (!options_.gain) return dy;
  Tensor<Scalar> x = pass.tape.pop();
  if (!pass.gradients.empty())
    pass.gradients[0] += as_pixels(x).cwiseProduct(pixels).rowwise().sum();
  pixels.array().colwise() *= gain_.value.col(0).array();
  return dy;
}

template <std::floating_point Scalar>
Scalar ChannelAffine<Scalar>::lipschitz() const {
  return options_.gain ? std::abs(gain_.value(steepest(), 0)) : Scalar(1);
}

template <std::floating_point Scalar>
void ChannelAffine<Scalar>::lipschitz_backward(Scalar g,
                                               std::span<GradientView<Scalar>> gradients) const {
  if (!options_.gain) return;
  const Index c = steepest();
  gradients[0](c, 0) += gain_.value(c, 0) < 0 ? -g : g;
}

template <std::floating_point Scalar>
double ChannelAffine<Scalar>::lipschitz_upper_bound() const {
  if (!gain_.value.allFinite() || !bias_.value.allFinite())
    return std::numeric_limits<double>::infinity();
  return options_.gain ? static_cast<double>(gain_.value.cwiseAbs().maxCoeff()) : 1;
}

template <std::floating_point Scalar>
RoundingBound ChannelAffine<Scalar>::rounding() const {
  using namespace rounding;
  const double stretch = lipschitz_upper_bound();
  const double offset =
      mul_up(lipschitz::frobenius_bound(bias_.value), sqrt_up(static_cast<double>(pixels_)));
  const Index channels = options_.gain ? gain_.value.rows() : bias_.value.rows();
  return gamma(options_.gain && options_.bias ? 2 : 1, unit_roundoff<Scalar>()) *
             RoundingBound{stretch, offset} +
         underflow<Scalar>(2, static_cast<double>(pixels_ * channels), stretch);
}

template <std::floating_point Scalar>
Description ChannelAffine<Scalar>::describe() const {
  Description description{type};
  if (!options_.gain) description.options.emplace_back("gain", false);
  if (!options_.bias) description.options.emplace_back("bias", false);
  return description;
}

template <std::floating_point Scalar>
ChannelAffine<Scalar> ChannelAffine<Scalar>::from(DescribedOptions& options) {
  const bool gain = options.truth("gain", true);
  return ChannelAffine({.gain = gain, .bias = options.truth("bias", true)});
}

template <std::floating_point Scalar>
template <std::floating_point Other>
ChannelAffine<Other> ChannelAffine<Scalar>::cast() const {
  ChannelAffine<Other> other(options_);
  other.gain_.value = gain_.value.template cast<Other>();
  other.bias_.value = bias_.value.template cast<Other>();
  other.pixels_ = pixels_;
  return other;
}

template <std::floating_point Scalar>
Eigen::Map<Matrix<Scalar>> ChannelAffine<Scalar>::as_pixels(Tensor<Scalar>& x) {
  return {x.data(), x.shape().channels, x.size() / x.shape().channels};
}

template <std::floating_point Scalar>
Index ChannelAffine<Scalar>::steepest() const {
  Index c = 0;
  gain_.value.col(0).cwiseAbs().maxCoeff(&c);
  return c;
}

#ifdef GLORO_COMPILING
template class ChannelAffine<float>;
template class ChannelAffine<double>;
GLORO_LAYER_CASTS(ChannelAffine)
GLORO_HELD_LAYER(, ChannelAffine)
#endif

}  // namespace gloro
