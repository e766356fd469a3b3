// Whole numbers as bytes in a stated order, on any machine: how files hold them.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace gloro::detail {

/// The least byte first.
template <std::unsigned_integral Number>
[[nodiscard]] std::array<std::uint8_t, sizeof(Number)> little_endian(Number number) {
  std::array<std::uint8_t, sizeof(Number)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return bytes;
}

/// From sizeof(Number) bytes, of char or of std::uint8_t.
template <std::unsigned_integral Number, typename Byte>
[[nodiscard]] Number from_little_endian(const Byte* bytes) {
  Number number = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;)
    number = static_cast<Number>(number << 8 | static_cast<std::uint8_t>(bytes[i]));
  return number;
}

/// The greatest byte first.
template <std::unsigned_integral Number, typename Byte>
[[nodiscard]] Number from_big_endian(const Byte* bytes) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    number = static_cast<Number>(number << 8 | static_cast<std::uint8_t>(bytes[i]));
  return number;
}

}  // namespace gloro::detail
