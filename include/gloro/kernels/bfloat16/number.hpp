// BFloat16: the upper half of a float, eight bits of significand with a float's range. Only training
// multiplies such numbers; no certificate has ever seen one.
#pragma once

#include <cstdint>

#include "gloro/core/detail/bit_cast.hpp"

namespace gloro::kernels::bfloat16 {

struct BFloat16 {
  std::uint16_t bits = 0;
};

/// The nearest one, ties to even; NaN stays NaN.
[[nodiscard]] inline BFloat16 rounded(float value) {
  const auto bits = gloro::detail::bit_cast<std::uint32_t>(value);
  if (value != value) return {static_cast<std::uint16_t>(bits >> 16 | 0x40)};
  return {static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

[[nodiscard]] inline float value_of(BFloat16 number) {
  return gloro::detail::bit_cast<float>(static_cast<std::uint32_t>(number.bits) << 16);
}

}  // namespace gloro::kernels::bfloat16
