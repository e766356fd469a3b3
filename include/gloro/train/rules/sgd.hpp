// Sgd: stochastic gradient descent, with momentum if wanted, as in Keras.
#pragma once

#include <concepts>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

/// Steps along the gradient, or along a velocity that keeps a share of itself.
struct Sgd {
  double momentum = 0;       ///< what the velocity keeps, in [0, 1)
  bool is_nesterov = false;  ///< look ahead along the velocity (Nesterov, 1983)

  [[nodiscard]] std::vector<std::string> columns() const;

  [[nodiscard]] double at(Index, double learning_rate) const { return learning_rate; }

  template <std::floating_point Scalar>
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state, double at) const;

  /// As read_optimizer() takes it. It does not compile without a member that is added here.
  [[nodiscard]] std::string text() const;

  /// Throws ArgumentError if a constant lies outside its range.
  void check() const;
};

#ifdef GLORO_COMPILED
extern template struct UpdateRule<float>::Holder<Sgd>;
extern template struct UpdateRule<double>::Holder<Sgd>;
#endif

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/rules/sgd.ipp"
#endif
