// Schedule: how epsilon, the learning rate or the weight of a loss moves over the epochs of a run. The
// curves are those of the original gloro package (Leino, Wang and Fredrikson, 2021); its strings are
// read in wording/schedule.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/train/moment.hpp"

namespace gloro {

/// A value >= 0 over training time. `Schedule::from(0.01).logarithmic_to(1.1, percent(50)) * 0.3` rises
/// from 0.003 to 0.33 in the first half of the run and stays there; `Schedule(0.3)` is constant.
///
/// Sections follow each other in time, the last at the end of the run if it gives none. epoch_value()
/// gives the original's value for each epoch: of n epochs between two sections the i-th is at i / n of
/// the way, so the last value is approached but not reached, and epochs after the last section repeat
/// the one before it. Where the original plainly slipped we follow its notation instead: its latest
/// version reads every name that begins with `decay` as `decay` (and `cos...` as `cos`), forgets a
/// final hold that begins one epoch before the end, starts a first section that has a time at epoch 0,
/// and after the last section repeats the last epoch's rise.
class Schedule {
 public:
  enum class Transition { hold, linear, exponential, logarithmic, cosine };

  /// The same value throughout.
  Schedule(double value) : base_(value), sections_{{Transition::hold, {}, 1}} {}

  /// A base of 1, and the first section.
  [[nodiscard]] static Schedule from(Level level, Moment start = {}) {
    Schedule made = 1.0;
    made.sections_ = {{Transition::hold, checked(start), level}};
    return made;
  }
  /// The base, halved at the end of every floor(epochs / times) epochs.
  [[nodiscard]] static Schedule halved(Index times) {
    if (times < 1) throw ArgumentError(message("a schedule is halved >= 1 times, got ", times));
    Schedule made = 1.0;
    made.sections_.clear();
    made.halvings_ = times;
    return made;
  }

  /// One more section. Throws ArgumentError for a moment that is none.
  [[nodiscard]] Schedule then(Transition arrival, Level level, Moment moment = percent(100)) const {
    if (halvings_ > 0) throw ArgumentError("a schedule that is halved has no sections to add to");
    Schedule longer = *this;
    longer.sections_.push_back({arrival, checked(moment), level});
    return longer;
  }
  [[nodiscard]] Schedule linear_to(Level level, Moment moment = percent(100)) const {
    return then(Transition::linear, level, moment);
  }
  /// By a constant ratio; both values > 0.
  [[nodiscard]] Schedule exponential_to(Level level, Moment moment = percent(100)) const {
    return then(Transition::exponential, level, moment);
  }
  /// Linear in exp(value).
  [[nodiscard]] Schedule logarithmic_to(Level level, Moment moment = percent(100)) const {
    return then(Transition::logarithmic, level, moment);
  }
  /// Half a cosine wave.
  [[nodiscard]] Schedule cosine_to(Level level, Moment moment = percent(100)) const {
    return then(Transition::cosine, level, moment);
  }
  /// Jumps there when the moment comes.
  [[nodiscard]] Schedule step_to(Level level, Moment moment) const {
    return then(Transition::hold, level, moment);
  }
  /// Stays where it is until then.
  [[nodiscard]] Schedule hold_until(Moment moment) const {
    const Level level = sections_.empty() ? Level(1) : sections_.back().level;
    return then(Transition::linear, level, moment);
  }

  /// Scales the base value; absolute values stay as they are.
  [[nodiscard]] friend Schedule operator*(Schedule schedule, double factor) {
    schedule.base_ *= factor;
    return schedule;
  }
  [[nodiscard]] friend Schedule operator*(double factor, Schedule schedule) {
    return std::move(schedule) * factor;
  }
  friend bool operator==(const Schedule&, const Schedule&) = default;

  /// Value at `epoch`, fractional (epoch + step / steps_per_epoch), of a run of `epochs` epochs.
  /// As in the original's trainer, epoch e goes linearly from its predecessor's value to its own:
  /// at(e + f) = v(e - 1) + f (v(e) - v(e - 1)) with v = epoch_value, and epoch 0 stays at v(0).
  /// Throws ArgumentError if a time is out of order for this number of epochs, or the value is
  /// negative or not finite.
  [[nodiscard]] double at(double epoch, Index epochs) const {
    if (!(epoch >= 0 && epoch <= 1e15))
      throw ArgumentError(message("schedule \"", text(), "\": epoch must be >= 0, got ", epoch));
    const double begun = std::floor(epoch);
    const auto index = static_cast<Index>(begun);
    const double previous = epoch_value(std::max<Index>(index - 1, 0), epochs);
    return checked(previous + (epoch_value(index, epochs) - previous) * (epoch - begun));
  }

  /// Throws ArgumentError unless every value of a run of `epochs` epochs is finite and >= 0 and every
  /// time comes in order.
  void check(Index epochs) const {
    (void)checked(base_);
    for (const Section& section : sections_) (void)checked(value(section));
    if (epochs < 1) return;
    check_order(epochs);
    for (std::size_t i = 1; i < sections_.size(); ++i)
      (void)checked(between(sections_[i - 1], sections_[i], 0, 1));
  }

  /// Value of the whole epoch `epoch` (from 0) of a run of `epochs` epochs.
  [[nodiscard]] double epoch_value(Index epoch, Index epochs) const {
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

  [[nodiscard]] double base() const { return base_; }
  /// Whether the value is the same in every epoch, however many there are.
  [[nodiscard]] bool is_constant() const { return halvings_ == 0 && sections_.size() == 1; }

  /// All of it, the numbers in full, as read_schedule() takes it: "[0.01]-log-[50%:1.1]*0.3".
  [[nodiscard]] std::string text() const {
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

 private:
  struct Section {
    Transition arrival;  // how the value moves towards this section
    Moment moment;
    Level level;
    friend bool operator==(const Section&, const Section&) = default;
  };

  [[nodiscard]] static Moment checked(Moment moment) {
    const bool is_whole =
        moment.unit == Moment::Unit::percent || moment.count == std::floor(moment.count);
    if (moment.count >= 0 && moment.count <= 1e9 && is_whole) return moment;
    throw ArgumentError(
        message("a schedule's moment is a share >= 0% or a whole epoch >= 0, got ", moment.count));
  }

  [[nodiscard]] double value(const Section& section) const {
    return section.level.is_absolute ? section.level.value : section.level.value * base_;
  }

  [[nodiscard]] double checked(double value) const {
    if (value >= 0 && std::isfinite(value)) return value;
    throw ArgumentError(
        message("schedule \"", text(), "\": expected finite values >= 0, got ", value));
  }

  /// Shares of the run and epoch numbers may be mixed, so their order depends on the run's length.
  void check_order(Index epochs) const {
    for (std::size_t i = 1; i < sections_.size(); ++i) {
      const Index begin = sections_[i].moment.epoch(epochs);
      const Index left = sections_[i - 1].moment.epoch(epochs);
      if (begin < left)
        throw ArgumentError(message("schedule \"", text(), "\": section ", i + 1,
                                    " begins at epoch ", begin, " of ", epochs,
                                    ", before the one on its left (epoch ", left, ")"));
    }
  }

  /// Step i of n from one section to the next. Interpolates the values, base included: the
  /// logarithmic curve depends on it.
  [[nodiscard]] double between(const Section& from, const Section& to, double i, double n) const {
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

  double base_ = 1;
  std::vector<Section> sections_;
  Index halvings_ = 0;
};

}  // namespace gloro
