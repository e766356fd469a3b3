// Numbers as text that does not claim too much: a radius is printed rounded down, whatever its
// digits, and so is a share that is proved.
#pragma once

#include <string>

#include "gloro/core/shape.hpp"

namespace gloro {

/// The decimal text of `value` >= 0, cut off after `digits` decimals, or after as many significant
/// digits where it is smaller than one, so that a positive value never becomes zero. Never above
/// the value. "inf" for infinity; throws ArgumentError for NaN and negative values.
[[nodiscard]] std::string decimal_down(double value, int digits = 9);

/// `count` of `of` > 0 in percent, exact and rounded down to two decimals: "96.96".
[[nodiscard]] std::string percent_down(Index count, Index of);

/// What percent_down(count, of) leaves of a hundred.
[[nodiscard]] std::string percent_rest(Index count, Index of);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/core/decimal.ipp"
#endif
