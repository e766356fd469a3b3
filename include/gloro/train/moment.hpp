// Moment and Level: when a schedule has which value.
#pragma once

#include "gloro/core/shape.hpp"

namespace gloro {

/// A time of a run: an epoch, or a share of all epochs, rounded down to one.
struct Moment {
  enum class Unit { epochs, percent };
  double count = 0;
  Unit unit = Unit::epochs;
  friend bool operator==(const Moment&, const Moment&) = default;

  [[nodiscard]] Index epoch(Index epochs) const {
    return static_cast<Index>(unit == Unit::percent ? count / 100.0 * static_cast<double>(epochs)
                                                    : count);
  }
};

/// The beginning of epoch `epoch`, from 0.
[[nodiscard]] inline Moment at_epoch(Index epoch) {
  return {static_cast<double>(epoch), Moment::Unit::epochs};
}
[[nodiscard]] inline Moment percent(double of_the_run) {
  return {of_the_run, Moment::Unit::percent};
}

/// A value of a schedule: a multiple of its base, or a number that the base does not change.
struct Level {
  double value = 1;
  bool is_absolute = false;
  Level(double multiple) : value(multiple) {}
  Level(double number, bool absolute) : value(number), is_absolute(absolute) {}
  friend bool operator==(const Level&, const Level&) = default;
};

[[nodiscard]] inline Level absolute(double value) { return {value, true}; }

}  // namespace gloro
