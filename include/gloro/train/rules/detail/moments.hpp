// What Adam and NAdam share: two decaying means, of the gradients and of their squares, and the constants
// beta1, beta2 and epsilon of both rules.
#pragma once

#include <concepts>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro::detail {

template <typename Rule, std::floating_point Scalar>
void move_moments(const Rule& rule, const ConstSlice<Scalar>& g, Slice<Scalar>& mean,
                  Slice<Scalar>& square) {
  mean = static_cast<Scalar>(rule.beta1) * mean + static_cast<Scalar>(1 - rule.beta1) * g;
  square =
      static_cast<Scalar>(rule.beta2) * square + static_cast<Scalar>(1 - rule.beta2) * g.square();
}

/// As read_optimizer() takes it. It does not compile for a rule with another member.
template <typename Rule>
[[nodiscard]] std::string text_of_moments(const char* name, const Rule& rule) {
  const auto& [first, second, root] = rule;
  return message(name, ",beta1=", first, ",beta2=", second, ",epsilon=", root);
}

/// Throws ArgumentError if a constant lies outside its range.
template <typename Rule>
void check_moments(const char* name, const Rule& rule) {
  require_share(message(name, ": beta1"), rule.beta1);
  require_share(message(name, ": beta2"), rule.beta2);
  if (!(rule.epsilon > 0 && rule.epsilon < 1))
    throw ArgumentError(message(name, ": epsilon must lie in (0, 1), got ", rule.epsilon));
}

}  // namespace gloro::detail
