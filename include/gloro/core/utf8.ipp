// The bodies of utf8.hpp.
#pragma once

#include "gloro/core/utf8.hpp"

#include <algorithm>
#include <cstddef>

#include "gloro/core/compiled.hpp"

namespace gloro {

namespace detail {

/// Bytes of the character that `text` begins with; 0 where it begins with none (Unicode, table 3-7).
[[nodiscard]] inline std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < least || byte(1) > most) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  return length;
}

}  // namespace detail

GLORO_INLINE std::string utf8_text(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string spelled;
  while (!text.empty()) {
    const std::size_t length = detail::utf8_length(text);
    if (length > 0) {
      spelled += text.substr(0, length);
    } else {
      const auto byte = static_cast<unsigned char>(text.front());
      spelled += {'\\', 'x', digits[byte >> 4], digits[byte & 15U]};
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return spelled;
}

}  // namespace gloro
