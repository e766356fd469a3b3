// The bodies of schedule.hpp.
#pragma once

#include "gloro/train/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE Schedule::Schedule(double value)
    : base_(value), sections_{{Transition::hold, {}, 1}} {}

GLORO_INLINE Schedule Schedule::from(Level level, Moment start) {
  Schedule made = 1.0;
  made.sections_ = {{Transition::hold, checked(start), level}};
  return made;
}

GLORO_INLINE Schedule Schedule::halved(Index times) {
  if (times < 1) throw ArgumentError(message("a schedule is halved >= 1 times, got ", times));
  Schedule made = 1.0;
  made.sections_.clear();
  made.halvings_ = times;
  return made;
}

GLORO_INLINE Schedule Schedule::then(Transition arrival, Level level, Moment moment) const {
  if (halvings_ > 0) throw ArgumentError("a schedule that is halved has no sections to add to");
  Schedule longer = *this;
  longer.sections_.push_back({arrival, checked(moment), level});
  return longer;
}

GLORO_INLINE Schedule Schedule::hold_until(Moment moment) const {
  const Level level = sections_.empty() ? Level(1) : sections_.back().level;
  return then(Transition::linear, level, moment);
}

GLORO_INLINE double Schedule::at(double epoch, Index epochs) const {
  if (!(epoch >= 0 && epoch <= 1e15))
    throw ArgumentError(message("schedule \"", text(), "\": epoch must be >= 0, got ", epoch));
  const double begun = std::floor(epoch);
  const auto index = static_cast<Index>(begun);
  const double previous = epoch_value(std::max<Index>(index - 1, 0), epochs);
  return checked(previous + (epoch_value(index, epochs) - previous) * (epoch - begun));
}

GLORO_INLINE void Schedule::check(Index epochs) const {
  (void)checked(base_);
  for (const Section& section : sections_) (void)checked(value(section));
  if (epochs < 1) return;
  check_order(epochs);
  for (std::size_t i = 1; i < sections_.size(); ++i)
    (void)checked(between(sections_[i - 1], sections_[i], 0, 1));
}

GLORO_INLINE double Schedule::epoch_value(Index epoch, Index epochs) const {
  if (epoch < 0 || epochs < 1)
    throw ArgumentError(message("schedule \"", text(), "\": expected an epoch >= 0 of >= 1, got ",
                                epoch, " of ", epochs));
  if (halvings_ > 0) {
    const Index period = std::max<Index>(epochs / halvings_, 1);
    const Index halvings = (epoch + 1) / period;
    return base_ * std::exp2(-static_cast<double>(halvings));
  }
  check_order(epochs);
  const auto time = [epochs](const Section& section) { return section.moment.epoch(epochs); };
  const Index end = time(sections_.back());
  if (epoch >= end) {
    if (sections_.back().arrival == Transition::hold || end == time(sections_.front()))
      return value(sections_.back());
    epoch = end - 1;
  }
  if (epoch < time(sections_.front())) return value(sections_.front());
  std::size_t next = 1;
  while (time(sections_[next]) <= epoch) ++next;
  const Index start = time(sections_[next - 1]);
  return between(sections_[next - 1], sections_[next], static_cast<double>(epoch - start),
                 static_cast<double>(time(sections_[next]) - start));
}

GLORO_INLINE std::string Schedule::text() const {
  static constexpr const char* arrows[] = {"", "-", "-exp-", "-log-", "-cos-"};
  std::string all = halvings_ > 0 ? message("half_", halvings_, "_times") : "";
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const auto& [arrival, moment, level] = sections_[i];
    const bool is_last = i > 0 && i + 1 == sections_.size();
    const bool is_usual = moment == (is_last ? percent(100) : Moment{});
    all += message(i > 0 ? arrows[static_cast<std::size_t>(arrival)] : "", "[");
    if (!is_usual || (i > 0 && !is_last))
      all += message(moment.count, moment.unit == Moment::Unit::percent ? "%:" : ":");
    all += message(level.is_absolute ? "=" : "", level.value, "]");
  }
  return base_ == 1 ? all : message(all, '*', base_);
}

GLORO_INLINE Moment Schedule::checked(Moment moment) {
  const bool is_whole =
      moment.unit == Moment::Unit::percent || moment.count == std::floor(moment.count);
  if (moment.count >= 0 && moment.count <= 1e9 && is_whole) return moment;
  throw ArgumentError(
      message("a schedule's moment is a share >= 0% or a whole epoch >= 0, got ", moment.count));
}

GLORO_INLINE double Schedule::value(const Section& section) const {
  return section.level.is_absolute ? section.level.value : section.level.value * base_;
}

GLORO_INLINE double Schedule::checked(double value) const {
  if (value >= 0 && std::isfinite(value)) return value;
  throw ArgumentError(
      message("schedule \"", text(), "\": expected finite values >= 0, got ", value));
}

GLORO_INLINE void Schedule::check_order(Index epochs) const {
  for (std::size_t i = 1; i < sections_.size(); ++i) {
    const Index begin = sections_[i].moment.epoch(epochs);
    const Index left = sections_[i - 1].moment.epoch(epochs);
    if (begin < left)
      throw ArgumentError(message("schedule \"", text(), "\": section ", i + 1, " begins at epoch ",
                                  begin, " of ", epochs, ", before the one on its left (epoch ",
                                  left, ")"));
  }
}

GLORO_INLINE double Schedule::between(const Section& from, const Section& to, double i,
                                      double n) const {
  const double start = value(from), end = value(to);
  switch (to.arrival) {
    case Transition::linear:
      return start + (end - start) * i / n;
    case Transition::exponential:
      if (!(start > 0 && end > 0))
        throw ArgumentError(message("schedule \"", text(), "\": -exp- needs values > 0, got ",
                                    start, " and ", end));
      return start * std::exp(std::log(end / start) / n * i);
    case Transition::logarithmic: {  // log((1 - w) exp(start) + w exp(end)), safe from overflow
      const double a = start + std::log1p(-i / n), b = end + std::log(i / n);
      return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
    }
    case Transition::cosine:
      return end + (start - end) * 0.5 * (std::cos(i / n * std::numbers::pi) + 1);
    case Transition::hold:
      break;
  }
  return start;
}

}  // namespace gloro
