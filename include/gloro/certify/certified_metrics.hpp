// CertifiedMetrics: the figures to quote. VRA, verified-robust accuracy, is the share of samples
// whose label is right and proved at epsilon, here by rigorous certificates; of a relaxed guarantee
// the share whose label lies in a proved set is counted beside it.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include "gloro/certify/certifier.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/model/tally.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

/// The Tally is of labels, whatever the guarantee. For top-1 a proved label is the only set.
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

  CertifiedMetrics& operator+=(const CertifiedMetrics& other) {
    add(other);
    set_certified += other.set_certified;
    right_and_set_certified += other.right_and_set_certified;
    needed_double += other.needed_double;
    return *this;
  }
};

/// Certifies every sample of a labelled data set at `epsilon`, for the certifier's guarantee, and
/// counts.
template <std::floating_point Scalar>
[[nodiscard]] CertifiedMetrics certified_metrics(const Certifier<Scalar>& certifier,
                                                 const data::Dataset& dataset, double epsilon,
                                                 Workers& workers) {
  struct InDouble {
    const data::Dataset& dataset;
    [[nodiscard]] Tensor<double> chosen(std::span<const Index> which) const {
      return dataset.batch<double>(which);
    }
  };
  struct InBoth : InDouble {
    [[nodiscard]] Tensor<Scalar> range(Index first, Index count) const {
      return this->dataset.template images<Scalar>(first, count);
    }
  };
  const auto certify = [&](const auto& samples) {
    return certifier.certify_samples(samples, dataset.size(), epsilon, workers);
  };
  const Certificates certified =
      dataset.template fits<Scalar>() ? certify(InBoth{{dataset}}) : certify(InDouble{dataset});
  CertifiedMetrics metrics;
  metrics.needed_double = certified.needed_double;
  for (Index n = 0; n < dataset.size(); ++n) {
    const auto at = static_cast<std::size_t>(n);
    const int truth = dataset.label(n);
    ++metrics.samples;
    metrics.right += certified.top[at] == truth;
    const Certificate& answer = certified.answers[at];
    metrics.certified += !answer.abstains();
    metrics.right_and_certified += answer.label == truth;
    metrics.set_certified += answer.set_radius() > 0;
    metrics.right_and_set_certified += answer.set_radius_of(truth) > 0;
  }
  return metrics;
}

}  // namespace gloro
