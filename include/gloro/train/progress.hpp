// ProgressBar: tells a person how training goes: a line an epoch, and on a terminal the epoch under way
// beneath them, in the width that there is. "vra ~80.00%" is the estimate that training follows.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "gloro/core/compiled.hpp"
#include "gloro/core/terminal.hpp"
#include "gloro/train/reports.hpp"

namespace gloro {

class ProgressBar {
 public:
  /// To the standard output.
  ProgressBar();
  /// A bar where `out` is the standard output and that a terminal, else a plain line an epoch.
  explicit ProgressBar(std::ostream& out);

  /// On a terminal of so many columns, asked each time; 0: a plain line an epoch.
  ProgressBar(std::ostream& out, const std::function<int()>& columns);

  void step(const StepReport& report);
  void epoch(const EpochReport& report);

 private:
  [[nodiscard]] bool is_narrow() const;

  /// "epoch 3/60"; where the line is narrow as much of it as leaves room for the VRA.
  [[nodiscard]] std::string epoch_text(const StepReport& report) const;
  [[nodiscard]] static std::string percent(double share);
  [[nodiscard]] static std::string time(double seconds);

  std::ostream* out_;
  StatusLine status_;
  double shown_ = 0;  // seconds into the epoch when the line was last written
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/progress.ipp"
#endif
