// What Adam and NAdam share: two decaying means, of the gradients and of their squares, and the constants
// beta1, beta2 and epsilon of both rules.
#pragma once

#include <concepts>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/kernels/moments.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro::detail {

/// The operands of a step of these values by the constants of the rule, without the factors of the step.
template <typename Rule, std::floating_point Scalar>
[[nodiscard]] kernels::MomentStep<Scalar> moment_step(const Rule& rule, Slice<Scalar>& w,
                                                      const ConstSlice<Scalar>& g,
                                                      const RuleState<Scalar>& state) {
  return {.size = w.size(),
          .w = w.data(),
          .g = g.data(),
          .mean = state[0].data(),
          .square = state[1].data(),
          .beta1 = rule.beta1,
          .beta2 = rule.beta2,
          .epsilon = rule.epsilon};
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
