// What certificates say in sum: the figures to quote, and the radii for a curve. One evaluation, with the
// best radius of each answer, gives the figures at every epsilon.
#pragma once

#include <span>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/model/tally.hpp"

namespace gloro {

/// Whether an answer of that proved radius stands at epsilon: within any epsilon where nothing changes it.
[[nodiscard]] inline bool stands(double radius, double epsilon) {
  return radius > epsilon || radius == infinity;
}

/// VRA, verified-robust accuracy, is the share of samples whose label is right and proved at epsilon
/// (Leino, Wang and Fredrikson 2021, section 5). The Tally is of labels, whatever the guarantee; of a
/// relaxed one the samples whose class lies in a proved set are counted beside it. For top-1 a proved
/// label is the only set.
struct CertifiedMetrics : Tally {
  Index set_certified = 0;            ///< there is a proved set
  Index right_and_set_certified = 0;  ///< and the true class is in one
  Index needed_double = 0;            ///< answers found in double

  /// May exceed clean accuracy (as the original package's `rtk_vra`).
  [[nodiscard]] double set_vra() const {
    return share(static_cast<double>(right_and_set_certified));
  }
  [[nodiscard]] double set_rejection_rate() const {
    return share(static_cast<double>(samples - set_certified));
  }

  /// Counts one more answer. `top`: the class of the largest logit. `truth`: `abstain` where it is not
  /// known.
  void count(const Certificate& answer, int top, int truth, double epsilon);

  CertifiedMetrics& operator+=(const CertifiedMetrics& other);
};

/// Counts answers with the true classes, or, where `labels` is empty, without. Throws ArgumentError for
/// another number of labels than answers, and for a negative or NaN epsilon.
[[nodiscard]] CertifiedMetrics tally(const Certificates& certified, std::span<const int> labels,
                                     double epsilon);

/// The radius of each answer's label, 0 where it abstains.
[[nodiscard]] std::vector<double> radii(const Certificates& certified);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/certify/summary.ipp"
#endif
