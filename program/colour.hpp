// Colours, where a person reads: in a terminal, unless NO_COLOR (no-color.org) holds something or the terminal
// is dumb. Never in a file or a pipe.
#pragma once

#include <gloro/core/terminal.hpp>

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace colour {

inline constexpr std::string_view bold = "1", red = "1;31", yellow = "1;33";

/// Of one of the two standard streams.
[[nodiscard]] inline bool is_on(const std::ostream& stream) {
  const char* const refused = std::getenv("NO_COLOR");
  const char* const kind = std::getenv("TERM");
  if ((refused && *refused) || !kind || std::string_view(kind) == "dumb") return false;
  return gloro::terminal_columns(&stream == &std::cerr ? 2 : 1) > 0;
}

/// `text` as `stream` shows it, by a number of ECMA-48's "select graphic rendition".
[[nodiscard]] inline std::string painted(const std::ostream& stream, std::string_view paint,
                                         const std::string& text) {
  if (!is_on(stream)) return text;
  return "\x1b[" + std::string(paint) + 'm' + text + "\x1b[m";
}

}  // namespace colour
