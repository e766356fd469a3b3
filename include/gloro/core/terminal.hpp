// Terminal: one line that is rewritten while work goes on, in the width that there is, and nothing where
// the output is a file or a pipe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/number.hpp"

#if __has_include(<sys/ioctl.h>) && __has_include(<unistd.h>)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace gloro {

/// Columns of the terminal at a file descriptor, 1 for the standard output and 2 for the error output:
/// what it says, or else the variable COLUMNS, or 80; 0 where it is no terminal.
[[nodiscard]] inline int terminal_columns(int descriptor) {
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

/// A piece of a line, left out before those of lower rank where the line is too long.
struct LinePart {
  std::string text;
  int rank = 0;
};

/// The parts, two blanks between them, as far as they fit `columns`; what never fits is cut off.
[[nodiscard]] inline std::string fitted_line(std::vector<LinePart> parts, std::size_t columns) {
  for (;;) {
    std::string line;
    for (const LinePart& part : parts) line += (line.empty() ? "" : "  ") + part.text;
    if (line.size() <= columns) return line;
    if (parts.size() <= 1) return line.substr(0, columns);
    parts.erase(std::max_element(parts.begin(), parts.end(),
                                 [](auto& a, auto& b) { return a.rank < b.rank; }));
  }
}

/// "[####    ]": `done` of `all`, in so many columns; nothing in fewer than five.
[[nodiscard]] inline std::string bar_text(double done, double all, std::size_t columns) {
  if (columns < 5) return {};
  const double share = all > 0 ? std::clamp(done / all, 0.0, 1.0) : 1;
  const auto marks = static_cast<std::size_t>(share * static_cast<double>(columns - 2));
  return '[' + std::string(marks, '#') + std::string(columns - 2 - marks, ' ') + ']';
}

/// The line under work. `columns` is asked each time, for a window may change; 0 hides the line.
class StatusLine {
 public:
  StatusLine(std::ostream& out, std::function<int()> columns)
      : out_(&out), columns_(std::move(columns)) {}

  [[nodiscard]] bool is_shown() const { return columns_() > 0; }

  /// Columns for a text: the last one stays free, where a terminal would go on to the next line.
  [[nodiscard]] std::size_t room() const {
    return static_cast<std::size_t>(std::max(0, columns_() - 1));
  }

  /// Shows `parts` as fitted_line does, and a bar in what is left of the line.
  void show(const std::vector<LinePart>& parts, double done, double all) {
    if (!is_shown()) return;
    constexpr std::size_t widest_bar = 40, least_bar = 8;
    const std::size_t columns = room(), least = std::min(columns, least_bar + 2);
    std::string line = fitted_line(parts, columns - least);
    if (!line.empty()) line += "  ";
    line += bar_text(done, all, std::min(widest_bar, columns - std::min(columns, line.size())));
    rewrite(line);
  }

  /// Wipes the line, for a text that stays.
  void clear() {
    if (length_ > 0) rewrite("");
    if (is_shown()) *out_ << '\r';
  }

 private:
  /// Blanks wipe what a longer line has left.
  void rewrite(std::string line) {
    const std::size_t length = line.size();
    line.resize(std::max(length, std::min(length_, room())), ' ');
    *out_ << '\r' << line << std::flush;
    length_ = length;
  }

  std::ostream* out_;
  std::function<int()> columns_;
  std::size_t length_ = 0;  // of what is shown
};

}  // namespace gloro
