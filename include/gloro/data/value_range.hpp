// ValueRange: from where to where the values of images go, which tells one unit from another.
#pragma once

namespace gloro {

/// All values from `least` to `most`, both included.
struct ValueRange {
  double least = 0, most = 1;

  [[nodiscard]] double width() const { return most - least; }
  /// NaN lies in no range.
  [[nodiscard]] bool has(double value) const { return value >= least && value <= most; }

  friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

}  // namespace gloro
