// The bodies of terminal.hpp.
#pragma once

#include "gloro/core/terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <ostream>

#include "gloro/core/compiled.hpp"
#include "gloro/core/number.hpp"

#if __has_include(<sys/ioctl.h>) && __has_include(<unistd.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace gloro {

GLORO_INLINE int terminal_columns(int descriptor) {
#ifdef TIOCGWINSZ
  if (::isatty(descriptor) == 0) return 0;
  winsize size = {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* const columns = std::getenv("COLUMNS");
  return std::max(1, to_whole<int>(columns ? columns : "").value_or(80));
#else
  (void)descriptor;
  return 0;
#endif
}

GLORO_INLINE std::string fitted_line(std::vector<LinePart> parts, std::size_t columns) {
  for (;;) {
    std::string line;
    for (const LinePart& part : parts) line += (line.empty() ? "" : "  ") + part.text;
    if (line.size() <= columns) return line;
    if (parts.size() <= 1) return line.substr(0, columns);
    parts.erase(std::max_element(parts.begin(), parts.end(),
                                 [](auto& a, auto& b) { return a.rank < b.rank; }));
  }
}

GLORO_INLINE std::string bar_text(double done, double all, std::size_t columns) {
  if (columns < 5) return {};
  const double share = all > 0 ? std::clamp(done / all, 0.0, 1.0) : 1;
  const auto marks = static_cast<std::size_t>(share * static_cast<double>(columns - 2));
  return '[' + std::string(marks, '#') + std::string(columns - 2 - marks, ' ') + ']';
}

GLORO_INLINE std::size_t StatusLine::room() const {
  return static_cast<std::size_t>(std::max(0, columns_() - 1));
}

GLORO_INLINE void StatusLine::show(const std::vector<LinePart>& parts, double done, double all) {
  if (!is_shown()) return;
  constexpr std::size_t widest_bar = 40, least_bar = 8;
  const std::size_t columns = room(), least = std::min(columns, least_bar + 2);
  std::string line = fitted_line(parts, columns - least);
  if (!line.empty()) line += "  ";
  line += bar_text(done, all, std::min(widest_bar, columns - std::min(columns, line.size())));
  rewrite(line);
}

GLORO_INLINE void StatusLine::clear() {
  if (length_ > 0) rewrite("");
  if (is_shown()) *out_ << '\r';
}

GLORO_INLINE void StatusLine::rewrite(std::string line) {
  const std::size_t length = line.size();
  line.resize(std::max(length, std::min(length_, room())), ' ');
  *out_ << '\r' << line << std::flush;
  length_ = length;
}

}  // namespace gloro
