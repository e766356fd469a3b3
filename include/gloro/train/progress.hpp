// ProgressBar: tells a person how training goes; one line that is rewritten on a terminal, and one
// plain line an epoch where the output is a file or a pipe.
#pragma once

#include <cstdio>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

#include "gloro/train/trainer.hpp"

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace gloro {

class ProgressBar {
 public:
  explicit ProgressBar(std::ostream& out = std::cout)
      : out_(&out), is_terminal_(&out == &std::cout && stdout_is_terminal()) {}

  void step(const StepReport& report) {
    if (!is_terminal_) return;
    std::ostringstream line;
    line << "epoch " << report.epoch + 1 << '/' << report.epochs << "  step " << report.step << '/'
         << report.steps << numbers(report.train);
    rewrite(line.str());
  }

  void epoch(const EpochReport& report) {
    std::ostringstream line;
    line << "epoch " << report.last.epoch + 1 << '/' << report.last.epochs
         << numbers(report.last.train) << "  test clean " << percent(report.test.clean_accuracy())
         << " vra " << percent(report.test.vra()) << "  eps " << std::setprecision(3)
         << report.last.epsilon << " lr " << report.last.learning_rate << std::fixed
         << std::setprecision(1) << "  " << report.seconds << " s, left "
         << time(report.seconds_left);
    if (is_terminal_) {
      rewrite(line.str());
      if (report.last.epoch + 1 == report.last.epochs) *out_ << '\n';
    } else {
      *out_ << line.str() << '\n';
    }
    out_->flush();
  }

 private:
  [[nodiscard]] static bool stdout_is_terminal() {
#if __has_include(<unistd.h>)
    return ::isatty(1) != 0;
#else
    return false;
#endif
  }
  [[nodiscard]] static std::string percent(double share) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(2) << 100 * share << '%';
    return text.str();
  }
  [[nodiscard]] static std::string numbers(const Metrics& train) {
    std::ostringstream text;
    text << "  loss " << std::fixed << std::setprecision(4) << train.mean_loss() << "  train clean "
         << percent(train.clean_accuracy()) << " vra " << percent(train.vra());
    return text.str();
  }
  [[nodiscard]] static std::string time(double seconds) {
    const auto whole = static_cast<long>(seconds);
    std::ostringstream text;
    if (whole >= 3600) text << whole / 3600 << "h ";
    if (whole >= 60) text << whole / 60 % 60 << "m ";
    text << whole % 60 << 's';
    return text.str();
  }

  void rewrite(const std::string& line) {
    *out_ << '\r' << line;  // blanks wipe what a longer line has left
    if (line.size() < width_) *out_ << std::string(width_ - line.size(), ' ');
    out_->flush();
    width_ = line.size();
  }

  std::ostream* out_;
  bool is_terminal_;
  std::size_t width_ = 0;
};

}  // namespace gloro
