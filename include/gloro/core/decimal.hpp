// Numbers as text that does not claim too much: a radius is printed rounded down, whatever its
// digits, and so is a share that is proved.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

/// The decimal text of `value` >= 0, cut off after `digits` decimals, or after as many significant
/// digits where it is smaller than one, so that a positive value never becomes zero. Never above
/// the value. "inf" for infinity; throws ArgumentError for NaN and negative values.
[[nodiscard]] inline std::string decimal_down(double value, int digits = 9) {
  if (!(value >= 0)) throw ArgumentError(message("expected a value >= 0, got ", value));
  if (std::isinf(value)) return "inf";
  // All digits of any double: 309 before the point and 1074 after it. Cutting them rounds down.
  const std::string text = fixed_text(std::abs(value), 1074);
  const std::size_t point = text.find('.');
  const std::size_t first = text.find_first_of("123456789");
  std::size_t end = point + 1 + static_cast<std::size_t>(digits);
  if (first != std::string::npos && first > point) end = first + static_cast<std::size_t>(digits);
  std::string cut = text.substr(0, point);
  if (digits > 0) cut += "." + text.substr(point + 1, end - point - 1);
  return cut;
}

namespace detail {

[[nodiscard]] inline std::string hundredths_text(std::int64_t hundredths) {
  return std::to_string(hundredths / 100) + '.' + std::to_string(100 + hundredths % 100).substr(1);
}

}  // namespace detail

/// `count` of `of` > 0 in percent, exact and rounded down to two decimals: "96.96".
[[nodiscard]] inline std::string percent_down(Index count, Index of) {
  return detail::hundredths_text(std::int64_t{10000} * count / of);
}

/// What percent_down(count, of) leaves of a hundred.
[[nodiscard]] inline std::string percent_rest(Index count, Index of) {
  return detail::hundredths_text(10000 - std::int64_t{10000} * count / of);
}

}  // namespace gloro
