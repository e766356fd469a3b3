// The bodies of decimal.hpp.
#pragma once

#include "gloro/core/decimal.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"

namespace gloro {

GLORO_INLINE std::string decimal_down(double value, int digits) {
  if (!(value >= 0)) throw ArgumentError(message("expected a value >= 0, got ", value));
  if (std::isinf(value)) return "inf";
  // All digits of any double: 309 before the point and 1074 after it. Cutting them rounds down.
  const std::string text = fixed_text(std::abs(value), 1074);
  const std::size_t point = text.find('.');
  const std::size_t first = text.find_first_of("123456789");
  std::size_t end = point + 1 + static_cast<std::size_t>(digits);
  if (first != std::string::npos && first > point) end = first + static_cast<std::size_t>(digits);
  std::string cut = text.substr(0, point);
  if (digits > 0) cut.append(text, point, end - point);
  return cut;
}

namespace detail {

[[nodiscard]] inline std::string hundredths_text(std::int64_t hundredths) {
  return std::to_string(hundredths / 100) + '.' + std::to_string(100 + hundredths % 100).substr(1);
}

}  // namespace detail

GLORO_INLINE std::string percent_down(Index count, Index of) {
  return detail::hundredths_text(std::int64_t{10000} * count / of);
}

GLORO_INLINE std::string percent_rest(Index count, Index of) {
  return detail::hundredths_text(10000 - std::int64_t{10000} * count / of);
}

}  // namespace gloro
