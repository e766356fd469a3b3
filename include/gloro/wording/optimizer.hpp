// Optimizers by the names of gloro's flag `--optimizer`, and with all their constants.
#pragma once

#include <concepts>
#include <string_view>

#include "gloro/train/update_rule.hpp"

namespace gloro {

/// adam, nadam, muon, sgd or sgd.MOMENTUM; behind the name perhaps constants, as text() of a rule has them:
/// adam,beta1=0.8. Throws ArgumentError for anything else.
template <std::floating_point Scalar>
[[nodiscard]] UpdateRule<Scalar> read_optimizer(std::string_view text);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/wording/optimizer.ipp"
#endif
