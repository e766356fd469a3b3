// NAdam (Dozat, 2016): Adam with Nesterov's look ahead, as in Keras.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "gloro/train/rules/detail/moments.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

/// Steps along a mixture of the gradient and the mean that it will have made of itself a step later.
struct NAdam {
  double beta1 = 0.9;     ///< decay of the mean of the gradients, in [0, 1), which it approaches
  double beta2 = 0.999;   ///< decay of the mean of their squares, in [0, 1)
  double epsilon = 1e-7;  ///< added to the corrected root, in (0, 1); Keras' default

  struct Factors {
    double product = 1;                       // of the momenta so far
    double mean = 0, gradient = 0, root = 1;  // of the mean and the gradient above, the root below
  };

  [[nodiscard]] std::vector<std::string> columns() const { return {"mean", "square"}; }

  [[nodiscard]] Factors at(Index t, double learning_rate, const Factors& before) const {
    const double now = momentum(t), next = momentum(t + 1), product = before.product * now;
    return {.product = product,
            .mean = learning_rate * (next / (1 - product * next)),
            .gradient = learning_rate * ((1 - now) / (1 - product)),
            .root = 1 / std::sqrt(1 - std::pow(beta2, static_cast<double>(t)))};
  }

  template <std::floating_point Scalar>
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state,
            const Factors& at) const {
    Slice<Scalar> mean = state[0], square = state[1];
    detail::move_moments(*this, g, mean, square);
    // Eigen's float square root is an estimate that differs between makes of processor: not here.
    const auto root = square.unaryExpr([](Scalar value) { return std::sqrt(value); });
    w -= (static_cast<Scalar>(at.mean) * mean + static_cast<Scalar>(at.gradient) * g) /
         (static_cast<Scalar>(at.root) * root + static_cast<Scalar>(epsilon));
  }

  /// As read_optimizer() takes it.
  [[nodiscard]] std::string text() const { return detail::text_of_moments("nadam", *this); }
  /// Throws ArgumentError if a constant lies outside its range.
  void check() const { detail::check_moments("nadam", *this); }

 private:
  /// The momentum warms up: beta1 (1 - 0.96^(t / 250) / 2) (Dozat, 2016; Keras).
  [[nodiscard]] double momentum(Index t) const {
    return beta1 * (1 - 0.5 * std::pow(0.96, 0.004 * static_cast<double>(t)));
  }
};

}  // namespace gloro
