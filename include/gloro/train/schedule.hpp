// Schedule: how epsilon, the learning rate or the weight of a loss moves over the epochs of a run. The
// curves are those of the original gloro package (Leino, Wang and Fredrikson, 2021); its strings are
// read in wording/schedule.hpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
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
  Schedule(double value);

  /// A base of 1, and the first section.
  [[nodiscard]] static Schedule from(Level level, Moment start = {});
  /// The base, halved at the end of every floor(epochs / times) epochs.
  [[nodiscard]] static Schedule halved(Index times);

  /// One more section. Throws ArgumentError for a moment that is none.
  [[nodiscard]] Schedule then(Transition arrival, Level level, Moment moment = percent(100)) const;
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
  [[nodiscard]] Schedule hold_until(Moment moment) const;

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
  [[nodiscard]] double at(double epoch, Index epochs) const;

  /// Throws ArgumentError unless every value of a run of `epochs` epochs is finite and >= 0 and every
  /// time comes in order.
  void check(Index epochs) const;

  /// Value of the whole epoch `epoch` (from 0) of a run of `epochs` epochs.
  [[nodiscard]] double epoch_value(Index epoch, Index epochs) const;

  [[nodiscard]] double base() const { return base_; }
  /// Whether the value is the same in every epoch, however many there are.
  [[nodiscard]] bool is_constant() const { return halvings_ == 0 && sections_.size() == 1; }

  /// All of it, the numbers in full, as read_schedule() takes it: "[0.01]-log-[50%:1.1]*0.3".
  [[nodiscard]] std::string text() const;

 private:
  struct Section {
    Transition arrival;  // how the value moves towards this section
    Moment moment;
    Level level;
    friend bool operator==(const Section&, const Section&) = default;
  };

  [[nodiscard]] static Moment checked(Moment moment);
  [[nodiscard]] double value(const Section& section) const;
  [[nodiscard]] double checked(double value) const;

  /// Shares of the run and epoch numbers may be mixed, so their order depends on the run's length.
  void check_order(Index epochs) const;

  /// Step i of n from one section to the next. Interpolates the values, base included: the
  /// logarithmic curve depends on it.
  [[nodiscard]] double between(const Section& from, const Section& to, double i, double n) const;

  double base_ = 1;
  std::vector<Section> sections_;
  Index halvings_ = 0;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/schedule.ipp"
#endif
