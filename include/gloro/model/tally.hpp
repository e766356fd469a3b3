// Tally: how many samples are right, certified, and both: the three shares that all figures are made
// of. Clean accuracy; VRA, verified-robust accuracy; and the rejection rate.
#pragma once

#include "gloro/core/shape.hpp"

namespace gloro {

/// A point is right where the top class is the true one, whatever the guarantee. It is verified where
/// the true class is in an answer that stands: the top class itself, in certified metrics always; in the
/// estimates of a model that trains for a relaxed guarantee a set, so that VRA may then exceed clean
/// accuracy (as in the original package's `rtk_vra`).
struct Tally {
  Index samples = 0;
  Index right = 0;                ///< the top class is the true one
  Index certified = 0;            ///< there is an answer that stands at epsilon
  Index right_and_certified = 0;  ///< and the true class is in it

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
