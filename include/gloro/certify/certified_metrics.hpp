// CertifiedMetrics: the figures to quote. VRA, verified-robust accuracy, is the share of samples
// whose label is right and proved at epsilon, here by rigorous certificates.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include "gloro/certify/certifier.hpp"
#include "gloro/core/workers.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/train/tally.hpp"

namespace gloro {

struct CertifiedMetrics : Tally {
  Index needed_double = 0;  ///< answers found in double

  CertifiedMetrics& operator+=(const CertifiedMetrics& other) {
    add(other);
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
    metrics.certified += !certified.answers[at].abstains();
    metrics.right_and_certified += certified.answers[at].radius_of(truth) > 0;
  }
  return metrics;
}

}  // namespace gloro
