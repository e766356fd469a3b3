// The bodies of normalization.hpp.
#pragma once

#include "gloro/layers/normalization.hpp"

#include <cmath>
#include <limits>

#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

template <std::floating_point Scalar>
Normalization<Scalar>::Normalization(const std::vector<Scalar>& shift,
                                     const std::vector<Scalar>& scale)
    : shift_(Eigen::Map<const Vector<Scalar>>(shift.data(), static_cast<Index>(shift.size()))),
      scale_(Eigen::Map<const Vector<Scalar>>(scale.data(), static_cast<Index>(scale.size()))) {
  if (shift.size() != scale.size() || shift.empty())
    throw ArgumentError(message("Normalization needs as many shifts as scales, got ", shift.size(),
                                " and ", scale.size()));
}

template <std::floating_point Scalar>
Shape Normalization<Scalar>::output_shape(Shape input) const {
  if (input.channels != shift_.size())
    throw ShapeError(
        message("Normalization of ", shift_.size(), " channels got an input of ", input));
  return input;
}

template <std::floating_point Scalar>
void Normalization<Scalar>::place(Shape input) {
  pixels_ = input.height * input.width;
}

template <std::floating_point Scalar>
Tensor<Scalar> Normalization<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
  auto pixels = as_pixels(x);
  pixels.colwise() -= shift_;
  pixels.array().colwise() *= scale_.array();
  return x;
}

template <std::floating_point Scalar>
double Normalization<Scalar>::definition(const Tensor<double>& x, Index i) const {
  const Index c = i % shift_.size();
  return (x.data()[i] - static_cast<double>(shift_(c))) * static_cast<double>(scale_(c));
}

template <std::floating_point Scalar>
Tensor<Scalar> Normalization<Scalar>::backward(Tensor<Scalar> dy,
                                               const BackwardPass<Scalar>&) const {
  as_pixels(dy).array().colwise() *= scale_.array();
  return dy;
}

template <std::floating_point Scalar>
Scalar Normalization<Scalar>::lipschitz() const {
  return scale_.cwiseAbs().maxCoeff();
}

template <std::floating_point Scalar>
double Normalization<Scalar>::lipschitz_upper_bound() const {
  if (!scale_.allFinite() || !shift_.allFinite()) return std::numeric_limits<double>::infinity();
  return static_cast<double>(scale_.cwiseAbs().maxCoeff());
}

template <std::floating_point Scalar>
RoundingBound Normalization<Scalar>::rounding() const {
  using namespace rounding;
  const double stretch = lipschitz_upper_bound();
  double squares = 0, shifts = 0;
  for (Index c = 0; c < shift_.size(); ++c) {
    const double shift = std::abs(static_cast<double>(shift_(c)));
    const double offset = mul_up(shift, std::abs(static_cast<double>(scale_(c))));
    squares = add_up(squares, mul_up(offset, offset));
    shifts = add_up(shifts, shift);
  }
  const double copies = sqrt_up(static_cast<double>(pixels_));
  const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
  const double values = static_cast<double>(pixels_ * shift_.size());
  return gamma(2, unit_roundoff<Scalar>()) *
             RoundingBound{stretch, mul_up(copies, sqrt_up(squares))} +
         (underflow<Scalar>(2, values, stretch) + tiny * RoundingBound{0, mul_up(copies, shifts)});
}

template <std::floating_point Scalar>
Description Normalization<Scalar>::describe() const {
  return {type, {{"shift", as_list(shift_)}, {"scale", as_list(scale_)}}};
}

template <std::floating_point Scalar>
Normalization<Scalar> Normalization<Scalar>::from(DescribedOptions& options) {
  const auto shift = options.values<Scalar>("shift");
  return Normalization(shift, options.values<Scalar>("scale"));
}

template <std::floating_point Scalar>
template <std::floating_point Other>
Normalization<Other> Normalization<Scalar>::cast() const {
  Normalization<Other> other(std::vector<Other>(shift_.begin(), shift_.end()),
                             std::vector<Other>(scale_.begin(), scale_.end()));
  other.place({pixels_, 1, shift_.size()});
  return other;
}

template <std::floating_point Scalar>
Eigen::Map<Matrix<Scalar>> Normalization<Scalar>::as_pixels(Tensor<Scalar>& x) const {
  return {x.data(), shift_.size(), x.size() / shift_.size()};
}

template <std::floating_point Scalar>
std::vector<double> Normalization<Scalar>::as_list(const Vector<Scalar>& values) {
  return {values.begin(), values.end()};
}

#ifdef GLORO_COMPILING
template class Normalization<float>;
template class Normalization<double>;
GLORO_LAYER_CASTS(Normalization)
GLORO_HELD_LAYER(, Normalization)
#endif

}  // namespace gloro
