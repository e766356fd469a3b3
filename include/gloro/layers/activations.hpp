// The activations that are a function of one value: absolute value, leaky ReLU, and the smooth ones, each
// with its exact Lipschitz constant.
//
//   GloroModel<float> model(Shape::flat(8), {Dense<float>(16), LeakyReLU<float>(0.1F), Dense<float>(3)});
//
// The smooth ones are computed in double by the standard library, whose exp, expm1, tanh and log1p are taken to
// err by less than 2^-47 of their results (docs/soundness.md, assumption 4), and then rounded.
#pragma once

#include <cmath>
#include <concepts>

#include "gloro/layers/pointwise.hpp"

namespace gloro {

namespace activation {

/// |x|: 1-Lipschitz, and keeps the norm of every gradient.
template <typename Scalar>
struct Abs {
  static constexpr const char* type = "abs";
  static constexpr bool is_exact = true;
  static constexpr double error = 0;

  [[nodiscard]] Scalar operator()(Scalar x) const { return std::abs(x); }
  [[nodiscard]] Scalar slope(Scalar x, Scalar) const {
    return x > 0 ? Scalar(1) : x < 0 ? Scalar(-1) : Scalar(0);
  }
  [[nodiscard]] double exact(double x) const { return std::abs(x); }
  [[nodiscard]] double lipschitz() const { return 1; }
  [[nodiscard]] RoundingBound size() const { return {1, 0}; }
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Abs from(DescribedOptions&) { return {}; }
  template <typename Other>
  [[nodiscard]] Abs<Other> cast() const {
    return {};
  }
};

/// x, or slope x below zero; max(1, |slope|).
template <typename Scalar>
class LeakyReLU {
 public:
  static constexpr const char* type = "leaky_relu";
  static constexpr bool is_exact = false;
  static constexpr double error = 0;

  /// Throws ArgumentError unless `below`, the slope below zero, is finite.
  LeakyReLU(Scalar below = Scalar(0.01));  // NOLINT: implicit, LeakyReLU<float>(0.1F) is a layer

  [[nodiscard]] Scalar operator()(Scalar x) const { return x < 0 ? below_ * x : x; }
  [[nodiscard]] Scalar slope(Scalar x, Scalar) const { return x < 0 ? below_ : Scalar(1); }
  [[nodiscard]] double exact(double x) const;
  [[nodiscard]] double lipschitz() const;
  [[nodiscard]] RoundingBound size() const { return {std::abs(static_cast<double>(below_)), 0}; }
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static LeakyReLU from(DescribedOptions& options);
  template <typename Other>
  [[nodiscard]] LeakyReLU<Other> cast() const {
    return static_cast<Other>(below_);
  }

 private:
  Scalar below_;
};

/// The hyperbolic tangent: 1-Lipschitz.
template <typename Scalar>
struct Tanh {
  static constexpr const char* type = "tanh";
  static constexpr bool is_exact = false;
  static constexpr double error = 0x1p-46;

  [[nodiscard]] Scalar operator()(Scalar x) const {
    return static_cast<Scalar>(std::tanh(static_cast<double>(x)));
  }
  [[nodiscard]] Scalar slope(Scalar, Scalar y) const { return 1 - y * y; }
  [[nodiscard]] double exact(double x) const;
  [[nodiscard]] double lipschitz() const { return 1; }
  [[nodiscard]] RoundingBound size() const { return {1, 0}; }
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Tanh from(DescribedOptions&) { return {}; }
  template <typename Other>
  [[nodiscard]] Tanh<Other> cast() const {
    return {};
  }
};

/// 1 / (1 + e^-x): its slope y (1 - y) is at most 1/4.
template <typename Scalar>
struct Sigmoid {
  static constexpr const char* type = "sigmoid";
  static constexpr bool is_exact = false;
  static constexpr double error = 0x1p-46;

  [[nodiscard]] Scalar operator()(Scalar x) const {
    return static_cast<Scalar>(1 / (1 + std::exp(-static_cast<double>(x))));
  }
  [[nodiscard]] Scalar slope(Scalar, Scalar y) const { return y * (1 - y); }
  [[nodiscard]] double exact(double x) const;
  [[nodiscard]] double lipschitz() const { return 0.25; }
  [[nodiscard]] RoundingBound size() const { return {0.25, 0.5}; }
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Sigmoid from(DescribedOptions&) { return {}; }
  template <typename Other>
  [[nodiscard]] Sigmoid<Other> cast() const {
    return {};
  }
};

/// x, or alpha (e^x - 1) below zero (Clevert, Unterthiner and Hochreiter 2016): max(1, |alpha|).
template <typename Scalar>
class ELU {
 public:
  static constexpr const char* type = "elu";
  static constexpr bool is_exact = false;
  static constexpr double error = 0x1p-45;

  /// Throws ArgumentError unless `alpha` is finite.
  ELU(Scalar alpha = 1);  // NOLINT: implicit, ELU<float>(0.5F) is a layer

  [[nodiscard]] Scalar operator()(Scalar x) const {
    if (!(x < 0)) return x;
    return static_cast<Scalar>(static_cast<double>(alpha_) * std::expm1(static_cast<double>(x)));
  }
  [[nodiscard]] Scalar slope(Scalar x, Scalar y) const { return x < 0 ? y + alpha_ : Scalar(1); }
  [[nodiscard]] double exact(double x) const;
  [[nodiscard]] double lipschitz() const;
  [[nodiscard]] RoundingBound size() const { return {std::abs(static_cast<double>(alpha_)), 0}; }
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static ELU from(DescribedOptions& options);
  template <typename Other>
  [[nodiscard]] ELU<Other> cast() const {
    return static_cast<Other>(alpha_);
  }

 private:
  Scalar alpha_;
};

/// log(1 + e^(beta x)) / beta: its slope is the sigmoid of beta x, so it is 1-Lipschitz.
template <typename Scalar>
class Softplus {
 public:
  static constexpr const char* type = "softplus";
  static constexpr bool is_exact = false;
  static constexpr double error = 0x1p-44;

  /// Throws ArgumentError unless `beta` is finite and > 0.
  Softplus(Scalar beta = 1);  // NOLINT: implicit, Softplus<float>(10) is a layer

  [[nodiscard]] Scalar operator()(Scalar x) const;
  [[nodiscard]] Scalar slope(Scalar, Scalar y) const { return -std::expm1(-beta_ * y); }
  [[nodiscard]] double exact(double x) const;
  [[nodiscard]] double lipschitz() const { return 1; }
  /// max(x, 0) + at most log(2) / beta.
  [[nodiscard]] RoundingBound size() const;
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Softplus from(DescribedOptions& options);
  template <typename Other>
  [[nodiscard]] Softplus<Other> cast() const {
    return static_cast<Other>(beta_);
  }

 private:
  Scalar beta_;
};

}  // namespace activation

template <std::floating_point Scalar>
using Abs = Pointwise<Scalar, activation::Abs>;
template <std::floating_point Scalar>
using LeakyReLU = Pointwise<Scalar, activation::LeakyReLU>;
template <std::floating_point Scalar>
using Tanh = Pointwise<Scalar, activation::Tanh>;
template <std::floating_point Scalar>
using Sigmoid = Pointwise<Scalar, activation::Sigmoid>;
template <std::floating_point Scalar>
using ELU = Pointwise<Scalar, activation::ELU>;
template <std::floating_point Scalar>
using Softplus = Pointwise<Scalar, activation::Softplus>;

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Abs)
GLORO_HELD_LAYER(extern, LeakyReLU)
GLORO_HELD_LAYER(extern, Tanh)
GLORO_HELD_LAYER(extern, Sigmoid)
GLORO_HELD_LAYER(extern, ELU)
GLORO_HELD_LAYER(extern, Softplus)
#else
#include "gloro/layers/activations.ipp"
#endif
