// A whole data set certified and counted.
#pragma once

#include <concepts>

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
  const Certificates certified =
      certifier.certify(dataset, {.epsilon = epsilon, .workers = &workers});
  return tally(certified, dataset.labels(), epsilon);
}

}  // namespace gloro
