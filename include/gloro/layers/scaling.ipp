// The bodies of scaling.hpp.
#pragma once

#include "gloro/layers/scaling.hpp"

#include <cmath>
#include <limits>

#include "gloro/layers/described_options.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

template <std::floating_point Scalar>
Scaling<Scalar>::Scaling(Scalar factor)
    : factor_{.name = "factor", .value = Matrix<Scalar>::Constant(1, 1, factor)} {}

template <std::floating_point Scalar>
void Scaling<Scalar>::place(Shape input) {
  size_ = input.size();
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Scaling<Scalar>::parameters() {
  return {&factor_};
}

template <std::floating_point Scalar>
Tensor<Scalar> Scaling<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  pass.keep(x);
  x.matrix() *= factor();
  return x;
}

template <std::floating_point Scalar>
double Scaling<Scalar>::definition(const Tensor<double>& x, Index i) const {
  return static_cast<double>(factor()) * x.data()[i];
}

template <std::floating_point Scalar>
Tensor<Scalar> Scaling<Scalar>::backward(Tensor<Scalar> dy,
                                         const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> x = pass.tape.pop();
  if (!pass.gradients.empty())
    pass.gradients[0](0, 0) += x.matrix().cwiseProduct(dy.matrix()).sum();
  dy.matrix() *= factor();
  return dy;
}

template <std::floating_point Scalar>
Scalar Scaling<Scalar>::lipschitz() const {
  return std::abs(factor());
}

template <std::floating_point Scalar>
void Scaling<Scalar>::lipschitz_backward(Scalar g,
                                         std::span<GradientView<Scalar>> gradients) const {
  gradients[0](0, 0) += factor() < 0 ? -g : g;
}

template <std::floating_point Scalar>
double Scaling<Scalar>::lipschitz_upper_bound() const {
  const auto bound = static_cast<double>(std::abs(factor()));
  return std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound;
}

template <std::floating_point Scalar>
RoundingBound Scaling<Scalar>::rounding() const {
  const double stretch = lipschitz_upper_bound();
  return RoundingBound{rounding::mul_up(rounding::unit_roundoff<Scalar>(), stretch), 0} +
         rounding::underflow<Scalar>(1, static_cast<double>(size_), stretch);
}

template <std::floating_point Scalar>
Description Scaling<Scalar>::describe() const {
  return {type};
}

template <std::floating_point Scalar>
Scaling<Scalar> Scaling<Scalar>::from(DescribedOptions&) {
  return Scaling();
}

template <std::floating_point Scalar>
template <std::floating_point Other>
Scaling<Other> Scaling<Scalar>::cast() const {
  Scaling<Other> other(static_cast<Other>(factor()));
  other.place(Shape::flat(size_));
  return other;
}

#ifdef GLORO_COMPILING
template class Scaling<float>;
template class Scaling<double>;
GLORO_LAYER_CASTS(Scaling)
GLORO_HELD_LAYER(, Scaling)
#endif

}  // namespace gloro
