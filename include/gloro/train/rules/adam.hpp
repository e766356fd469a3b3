// Adam (Kingma and Ba, 2015), with the formulas and defaults of Keras, in which the published GloRo Nets
// were trained.
#pragma once

#include <concepts>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

/// Steps along the mean of the gradients over the root of the mean of their squares.
struct Adam {
  double beta1 = 0.9;     ///< decay of the mean of the gradients, in [0, 1)
  double beta2 = 0.999;   ///< decay of the mean of their squares, in [0, 1)
  double epsilon = 1e-7;  ///< added to the root, in (0, 1); Keras' default

  [[nodiscard]] std::vector<std::string> columns() const;

  /// The learning rate with the corrections of means that start at zero, folded into one factor as in
  /// section 2 of the paper: epsilon is added to the uncorrected root.
  [[nodiscard]] double at(Index step, double learning_rate) const;

  template <std::floating_point Scalar>
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state, double rate) const;

  /// As read_optimizer() takes it.
  [[nodiscard]] std::string text() const;
  /// Throws ArgumentError if a constant lies outside its range.
  void check() const;
};

#ifdef GLORO_COMPILED
extern template struct UpdateRule<float>::Holder<Adam>;
extern template struct UpdateRule<double>::Holder<Adam>;
#endif

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/rules/adam.ipp"
#endif
