// The bodies of progress.hpp.
#pragma once

#include "gloro/train/progress.hpp"

#include <cstddef>
#include <functional>
#include <iostream>
#include <limits>
#include <string>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

GLORO_INLINE ProgressBar::ProgressBar() : ProgressBar(std::cout) {}

GLORO_INLINE ProgressBar::ProgressBar(std::ostream& out)
    : ProgressBar(out,
                  [is_ours = &out == &std::cout] { return is_ours ? terminal_columns(1) : 0; }) {}

GLORO_INLINE ProgressBar::ProgressBar(std::ostream& out, const std::function<int()>& columns)
    : out_(&out), status_(out, columns) {}

GLORO_INLINE void ProgressBar::step(const StepReport& report) {
  constexpr double interval = 0.1;  // seconds: a person reads no faster
  const bool is_soon = report.seconds >= shown_ && report.seconds < shown_ + interval;
  if (!status_.is_shown() || (is_soon && report.step > 1 && report.step < report.steps)) return;
  shown_ = report.seconds;
  status_.show({{epoch_text(report), 0},
                {message("step ", report.step, '/', report.steps), 3},
                {"loss " + fixed_text(report.train.mean_loss(), 4), 2},
                {"vra ~" + percent(report.train.estimated_vra()), 1}},
               static_cast<double>(report.step), static_cast<double>(report.steps));
}

GLORO_INLINE void ProgressBar::epoch(const EpochReport& report) {
  const StepReport& last = report.last;
  status_.clear();
  *out_ << fitted_line(
               {{epoch_text(last), 0},
                {"loss " + fixed_text(last.train.mean_loss(), 4), 6},
                {"train clean " + percent(last.train.clean_accuracy()), 7},
                {"train vra ~" + percent(last.train.estimated_vra()), 5},
                {"test clean " + percent(report.test.clean_accuracy()), 2},
                {(is_narrow() ? "vra ~" : "test vra ~") + percent(report.test.estimated_vra()), 1},
                {"eps " + number_text(last.epsilon), 4},
                {"lr " + rounded_text(last.learning_rate, 3), 8},
                {fixed_text(report.seconds, 1) + " s", 9},
                {"left " + time(report.seconds_left), 3}},
               status_.is_shown() ? status_.room() : std::numeric_limits<std::size_t>::max())
        << std::endl;
}

GLORO_INLINE bool ProgressBar::is_narrow() const {
  return status_.is_shown() && status_.room() < 30;
}

GLORO_INLINE std::string ProgressBar::epoch_text(const StepReport& report) const {
  const std::string number = message(report.epoch + 1);
  const std::string both = message(number, '/', report.epochs);
  if (!is_narrow()) return "epoch " + both;
  return both.size() <= 7 ? both : number;
}

GLORO_INLINE std::string ProgressBar::percent(double share) {
  return fixed_text(100 * share, 2) + '%';
}

GLORO_INLINE std::string ProgressBar::time(double seconds) {
  const auto whole = static_cast<Index>(seconds);
  return (whole >= 3600 ? message(whole / 3600, "h ") : "") +
         (whole >= 60 ? message(whole / 60 % 60, "m ") : "") + message(whole % 60, 's');
}

}  // namespace gloro
