// A whole data set certified and counted, a batch in memory at a time.
#pragma once

#include <concepts>
#include <span>

#include "gloro/certify/certifier.hpp"
#include "gloro/certify/summary.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

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
  return tally(certified, dataset.labels(), epsilon);
}

}  // namespace gloro
