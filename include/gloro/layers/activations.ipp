// The bodies of activations.hpp. The formulas are evaluated in long double: by other functions of the
// standard library than the layers', where it has more than double.
#pragma once

#include "gloro/layers/activations.hpp"

#include <algorithm>
#include <cmath>

#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::activation {

template <typename Scalar>
Description Abs<Scalar>::describe() const {
  return {type};
}

template <typename Scalar>
LeakyReLU<Scalar>::LeakyReLU(Scalar below) : below_(below) {
  if (!std::isfinite(below))
    throw ArgumentError(message("LeakyReLU needs a finite slope, got ", below));
}

template <typename Scalar>
double LeakyReLU<Scalar>::exact(double x) const {
  return std::max(x, 0.0) + static_cast<double>(below_) * std::min(x, 0.0);
}

template <typename Scalar>
double LeakyReLU<Scalar>::lipschitz() const {
  return std::max(1.0, std::abs(static_cast<double>(below_)));
}

template <typename Scalar>
Description LeakyReLU<Scalar>::describe() const {
  return {type, {{"slope", static_cast<double>(below_)}}};
}

template <typename Scalar>
LeakyReLU<Scalar> LeakyReLU<Scalar>::from(DescribedOptions& options) {
  return static_cast<Scalar>(options.real("slope"));
}

template <typename Scalar>
double Tanh<Scalar>::exact(double x) const {
  return static_cast<double>(std::tanh(static_cast<long double>(x)));
}

template <typename Scalar>
Description Tanh<Scalar>::describe() const {
  return {type};
}

template <typename Scalar>
double Sigmoid<Scalar>::exact(double x) const {
  return static_cast<double>(1 / (1 + std::exp(-static_cast<long double>(x))));
}

template <typename Scalar>
Description Sigmoid<Scalar>::describe() const {
  return {type};
}

template <typename Scalar>
ELU<Scalar>::ELU(Scalar alpha) : alpha_(alpha) {
  if (!std::isfinite(alpha)) throw ArgumentError(message("ELU needs a finite alpha, got ", alpha));
}

template <typename Scalar>
double ELU<Scalar>::exact(double x) const {
  const auto below = static_cast<long double>(std::min(x, 0.0));
  return std::max(x, 0.0) +
         static_cast<double>(static_cast<long double>(alpha_) * std::expm1(below));
}

template <typename Scalar>
double ELU<Scalar>::lipschitz() const {
  return std::max(1.0, std::abs(static_cast<double>(alpha_)));
}

template <typename Scalar>
Description ELU<Scalar>::describe() const {
  return {type, {{"alpha", static_cast<double>(alpha_)}}};
}

template <typename Scalar>
ELU<Scalar> ELU<Scalar>::from(DescribedOptions& options) {
  return static_cast<Scalar>(options.real("alpha"));
}

template <typename Scalar>
Softplus<Scalar>::Softplus(Scalar beta) : beta_(beta) {
  if (!(beta > 0 && std::isfinite(beta)))
    throw ArgumentError(message("Softplus needs a finite beta > 0, got ", beta));
}

template <typename Scalar>
Scalar Softplus<Scalar>::operator()(Scalar x) const {
  // max(x, 0) + log1p(e^-|beta x|) / beta: no exponential overflows.
  const auto value = static_cast<double>(x), beta = static_cast<double>(beta_);
  const double rest = std::log1p(std::exp(-std::abs(beta * value))) / beta;
  return static_cast<Scalar>(value > 0 ? value + rest : rest);
}

template <typename Scalar>
double Softplus<Scalar>::exact(double x) const {
  const auto beta = static_cast<long double>(beta_), value = static_cast<long double>(x);
  const long double rest = std::log1p(std::exp(-std::abs(beta * value))) / beta;
  return static_cast<double>(std::max(value, 0.0L) + rest);
}

template <typename Scalar>
RoundingBound Softplus<Scalar>::size() const {
  return {1, rounding::div_up(0.7, static_cast<double>(beta_))};
}

template <typename Scalar>
Description Softplus<Scalar>::describe() const {
  return {type, {{"beta", static_cast<double>(beta_)}}};
}

template <typename Scalar>
Softplus<Scalar> Softplus<Scalar>::from(DescribedOptions& options) {
  return static_cast<Scalar>(options.real("beta"));
}

}  // namespace gloro::activation

#ifdef GLORO_COMPILING
namespace gloro {
#define GLORO_ACTIVATION(key, Name)                   \
  template key activation::Name<float>;               \
  template key activation::Name<double>;              \
  template class Pointwise<float, activation::Name>;  \
  template class Pointwise<double, activation::Name>; \
  GLORO_HELD_LAYER(, Name)
GLORO_ACTIVATION(struct, Abs)
GLORO_ACTIVATION(class, LeakyReLU)
GLORO_ACTIVATION(struct, Tanh)
GLORO_ACTIVATION(struct, Sigmoid)
GLORO_ACTIVATION(class, ELU)
GLORO_ACTIVATION(class, Softplus)
#undef GLORO_ACTIVATION
}  // namespace gloro
#endif
