// Sgd: stochastic gradient descent, with momentum if wanted, as in Keras.
#pragma once

#include <string>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

/// Steps along the gradient, or along a velocity that keeps a share of itself.
struct Sgd {
  double momentum = 0;       ///< what the velocity keeps, in [0, 1)
  bool is_nesterov = false;  ///< look ahead along the velocity (Nesterov, 1983)

  [[nodiscard]] std::vector<std::string> columns() const {
    return momentum > 0 ? std::vector<std::string>{"velocity"} : std::vector<std::string>{};
  }

  [[nodiscard]] double at(Index, double learning_rate) const { return learning_rate; }

  template <std::floating_point Scalar>
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state, double at) const {
    const auto rate = static_cast<Scalar>(at), kept = static_cast<Scalar>(momentum);
    if (momentum == 0) {
      w -= rate * g;
      return;
    }
    Slice<Scalar> velocity = state[0];
    velocity = kept * velocity - rate * g;
    if (is_nesterov)
      w += kept * velocity - rate * g;
    else
      w += velocity;
  }

  /// As read_optimizer() takes it. It does not compile without a member that is added here.
  [[nodiscard]] std::string text() const {
    const auto& [inertia, looks_ahead] = *this;
    return message("sgd,momentum=", inertia, ",nesterov=", looks_ahead ? 1 : 0);
  }

  /// Throws ArgumentError if a constant lies outside its range.
  void check() const { require_share("sgd: momentum", momentum); }
};

}  // namespace gloro
