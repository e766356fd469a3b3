// The bodies of householder.hpp.
#pragma once

#include "gloro/layers/householder.hpp"

#include <cmath>
#include <limits>

#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

template <std::floating_point Scalar>
Householder<Scalar>::Householder(Scalar angle) : theta_{.name = "theta"}, angle_(angle) {
  if (!std::isfinite(angle))
    throw ArgumentError(message("Householder needs a finite angle, got ", angle));
}

template <std::floating_point Scalar>
Shape Householder<Scalar>::output_shape(Shape input) const {
  if (input.channels % 2 != 0)
    throw ShapeError(message("Householder pairs channels: expected an even number, got ", input));
  return input;
}

template <std::floating_point Scalar>
void Householder<Scalar>::place(Shape input) {
  theta_.value.setConstant(input.channels / 2, 1, angle_);
  size_ = input.size();
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Householder<Scalar>::parameters() {
  return {&theta_};
}

template <std::floating_point Scalar>
Tensor<Scalar> Householder<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  pass.keep(x);
  for_each_pair(x.size(), [&](Index first, Index second, const Turn& turn, Index) {
    const Scalar a = x.data()[first], b = x.data()[second];
    if (!turn.reflects(a, b)) return;
    x.data()[first] = a * turn.cosine + b * turn.sine;
    x.data()[second] = a * turn.sine - b * turn.cosine;
  });
  return x;
}

template <std::floating_point Scalar>
double Householder<Scalar>::definition(const Tensor<double>& x, Index i) const {
  const Index half = theta_.value.rows(), channel = i % (2 * half), pair = channel % half;
  const auto theta = static_cast<double>(theta_.value(pair, 0));
  const double* z = x.data() + (i - channel + pair);
  const double v[] = {std::sin(theta / 2), -std::cos(theta / 2)};
  const double side = v[0] * z[0] + v[1] * z[half];
  const Index which = channel / half;
  return z[which * half] - (side > 0 ? 2 * side * v[which] : 0);
}

template <std::floating_point Scalar>
Tensor<Scalar> Householder<Scalar>::backward(Tensor<Scalar> dy,
                                             const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> x = pass.tape.pop();
  for_each_pair(x.size(), [&](Index first, Index second, const Turn& turn, Index pair) {
    const Scalar a = x.data()[first], b = x.data()[second];
    if (!turn.reflects(a, b)) return;
    const Scalar da = dy.data()[first], db = dy.data()[second];
    if (!pass.gradients.empty())
      pass.gradients[0](pair, 0) +=
          da * (b * turn.cosine - a * turn.sine) + db * (a * turn.cosine + b * turn.sine);
    dy.data()[first] = da * turn.cosine + db * turn.sine;
    dy.data()[second] = da * turn.sine - db * turn.cosine;
  });
  return dy;
}

template <std::floating_point Scalar>
double Householder<Scalar>::lipschitz_upper_bound() const {
  return theta_.value.allFinite() ? 1 : std::numeric_limits<double>::infinity();
}

template <std::floating_point Scalar>
RoundingBound Householder<Scalar>::rounding() const {
  using namespace rounding;
  const double each = add_up(gamma(3, unit_roundoff<Scalar>()), 0x1p-46);
  return RoundingBound{mul_up(3.5, each), 0} +
         underflow<Scalar>(9, static_cast<double>(size_), lipschitz_upper_bound());
}

template <std::floating_point Scalar>
Description Householder<Scalar>::describe() const {
  return {type};
}

template <std::floating_point Scalar>
Householder<Scalar> Householder<Scalar>::from(DescribedOptions&) {
  return Householder();
}

template <std::floating_point Scalar>
template <std::floating_point Other>
Householder<Other> Householder<Scalar>::cast() const {
  Householder<Other> other(static_cast<Other>(angle_));
  other.theta_.value = theta_.value.template cast<Other>();
  other.size_ = size_;
  return other;
}

template <std::floating_point Scalar>
Householder<Scalar>::Turn::Turn(Scalar theta) {
  const auto angle = static_cast<double>(theta);
  sine = static_cast<Scalar>(std::sin(angle));
  cosine = static_cast<Scalar>(std::cos(angle));
  half_sine = static_cast<Scalar>(std::sin(angle / 2));
  half_cosine = static_cast<Scalar>(std::cos(angle / 2));
}

template <std::floating_point Scalar>
template <typename Visit>
void Householder<Scalar>::for_each_pair(Index size, Visit&& visit) const {
  const Index half = theta_.value.rows();
  for (Index pair = 0; pair < half; ++pair) {
    const Turn turn(theta_.value(pair, 0));
    for (Index first = pair; first < size; first += 2 * half)
      visit(first, first + half, turn, pair);
  }
}

#ifdef GLORO_COMPILING
template class Householder<float>;
template class Householder<double>;
GLORO_LAYER_CASTS(Householder)
GLORO_HELD_LAYER(, Householder)
#endif

}  // namespace gloro
