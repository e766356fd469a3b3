// Adam (Kingma and Ba, 2015), with the formulas and defaults of Keras, in which the published GloRo Nets
// were trained.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "gloro/train/rules/detail/moments.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

/// Steps along the mean of the gradients over the root of the mean of their squares.
struct Adam {
  double beta1 = 0.9;     ///< decay of the mean of the gradients, in [0, 1)
  double beta2 = 0.999;   ///< decay of the mean of their squares, in [0, 1)
  double epsilon = 1e-7;  ///< added to the root, in (0, 1); Keras' default

  [[nodiscard]] std::vector<std::string> columns() const { return {"mean", "square"}; }

  /// The learning rate with the corrections of means that start at zero, folded into one factor as in
  /// section 2 of the paper: epsilon is added to the uncorrected root.
  [[nodiscard]] double at(Index step, double learning_rate) const {
    const auto t = static_cast<double>(step);
    return learning_rate * (std::sqrt(1 - std::pow(beta2, t)) / (1 - std::pow(beta1, t)));
  }

  template <std::floating_point Scalar>
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state, double rate) const {
    Slice<Scalar> mean = state[0], square = state[1];
    detail::move_moments(*this, g, mean, square);
    // Eigen's float square root is an estimate that differs between makes of processor: not here.
    const auto root = square.unaryExpr([](Scalar value) { return std::sqrt(value); });
    w -= static_cast<Scalar>(rate) * mean / (root + static_cast<Scalar>(epsilon));
  }

  /// As read_optimizer() takes it.
  [[nodiscard]] std::string text() const { return detail::text_of_moments("adam", *this); }
  /// Throws ArgumentError if a constant lies outside its range.
  void check() const { detail::check_moments("adam", *this); }
};

}  // namespace gloro
