// Tally: how many samples are right, certified, and both: the three shares that all figures are made
// of. Clean accuracy; VRA, verified-robust accuracy; and the rejection rate.
#pragma once

#include "gloro/core/shape.hpp"

namespace gloro {

/// A point is right where the top class is the true one, and verified where that class is proved to be
/// the answer at epsilon. What training counts by estimates is in Metrics (train/metrics.hpp).
struct Tally {
  Index samples = 0;
  Index right = 0;                ///< the top class is the true one
  Index certified = 0;            ///< there is an answer proved at epsilon
  Index right_and_certified = 0;  ///< and it is the true class

  [[nodiscard]] double clean_accuracy() const { return share(static_cast<double>(right)); }
  [[nodiscard]] double vra() const { return share(static_cast<double>(right_and_certified)); }
  [[nodiscard]] double rejection_rate() const {
    return share(static_cast<double>(samples - certified));
  }

 protected:
  /// Not operator+=: a type made of this has more to add.
  void add(const Tally& other) {
    samples += other.samples;
    right += other.right;
    certified += other.certified;
    right_and_certified += other.right_and_certified;
  }
  [[nodiscard]] double share(double sum) const {
    return samples > 0 ? sum / static_cast<double>(samples) : 0.0;
  }
};

}  // namespace gloro
