// Numbers as text that does not claim too much: a radius is printed rounded down, whatever its
// digits.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

#include "gloro/core/error.hpp"

namespace gloro {

/// The decimal text of `value` >= 0, cut off after `digits` decimals, or after as many significant
/// digits where it is smaller than one, so that a positive value never becomes zero. Never above
/// the value. "inf" for infinity; throws ArgumentError for NaN and negative values.
[[nodiscard]] inline std::string decimal_down(double value, int digits = 9) {
  if (!(value >= 0)) throw ArgumentError(message("expected a value >= 0, got ", value));
  if (std::isinf(value)) return "inf";
  // All digits of any double: 309 before the point and 1074 after it. Cutting them rounds down.
  char exact[1400];
  const int length = std::snprintf(exact, sizeof exact, "%.1074f", value);
  const std::string text(exact, static_cast<std::size_t>(length));
  const std::size_t point = text.find_first_not_of("0123456789");  // a locale may write a comma
  const std::size_t first = text.find_first_of("123456789");
  std::size_t end = point + 1 + static_cast<std::size_t>(digits);
  if (first != std::string::npos && first > point) end = first + static_cast<std::size_t>(digits);
  std::string cut = text.substr(0, point);
  if (digits > 0) cut += "." + text.substr(point + 1, end - point - 1);
  return cut;
}

}  // namespace gloro
