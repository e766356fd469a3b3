// What a terminal of so many columns shows after some bytes, line by line, blanks at the end left out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

[[nodiscard]] inline std::vector<std::string> screen_after(std::string_view bytes,
                                                           std::size_t columns) {
  std::vector<std::string> lines(1);
  std::size_t at = 0;
  for (const char byte : bytes) {
    if (byte == '\r') {
      at = 0;
    } else if (byte == '\n') {
      lines.emplace_back();
      at = 0;
    } else {
      if (at == columns) {  // the terminal goes on beneath
        lines.emplace_back();
        at = 0;
      }
      lines.back().resize(std::max(lines.back().size(), at + 1), ' ');
      lines.back()[at++] = byte;
    }
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  if (lines.back().empty()) lines.pop_back();
  return lines;
}
