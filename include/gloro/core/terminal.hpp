// Terminal: one line that is rewritten while work goes on, in the width that there is, and nothing where
// the output is a file or a pipe.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace gloro {

/// Columns of the terminal at a file descriptor, 1 for the standard output and 2 for the error output:
/// what it says, or else the variable COLUMNS, or 80; 0 where it is no terminal.
[[nodiscard]] int terminal_columns(int descriptor);

/// A piece of a line, left out before those of lower rank where the line is too long.
struct LinePart {
  std::string text;
  int rank = 0;
};

/// The parts, two blanks between them, as far as they fit `columns`; what never fits is cut off.
[[nodiscard]] std::string fitted_line(std::vector<LinePart> parts, std::size_t columns);

/// "[####    ]": `done` of `all`, in so many columns; nothing in fewer than five.
[[nodiscard]] std::string bar_text(double done, double all, std::size_t columns);

/// The line under work. `columns` is asked each time, for a window may change; 0 hides the line.
class StatusLine {
 public:
  StatusLine(std::ostream& out, std::function<int()> columns)
      : out_(&out), columns_(std::move(columns)) {}

  [[nodiscard]] bool is_shown() const { return columns_() > 0; }

  /// Columns for a text: the last one stays free, where a terminal would go on to the next line.
  [[nodiscard]] std::size_t room() const;

  /// Shows `parts` as fitted_line does, and a bar in what is left of the line.
  void show(const std::vector<LinePart>& parts, double done, double all);

  /// Wipes the line, for a text that stays.
  void clear();

 private:
  /// Blanks wipe what a longer line has left.
  void rewrite(std::string line);

  std::ostream* out_;
  std::function<int()> columns_;
  std::size_t length_ = 0;  // of what is shown
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/core/terminal.ipp"
#endif
