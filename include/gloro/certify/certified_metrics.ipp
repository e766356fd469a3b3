// The bodies of certified_metrics.hpp.
#pragma once

#include "gloro/certify/certified_metrics.hpp"

#include "gloro/data/dataset.hpp"

namespace gloro {

template <std::floating_point Scalar>
CertifiedMetrics certified_metrics(const Certifier<Scalar>& certifier, const data::Dataset& dataset,
                                   double epsilon, Workers& workers) {
  const Certificates certified =
      certifier.certify(dataset, {.epsilon = epsilon, .workers = &workers});
  return tally(certified, dataset.labels(), epsilon);
}

#ifdef GLORO_COMPILING
template CertifiedMetrics certified_metrics(const Certifier<float>&, const data::Dataset&, double,
                                            Workers&);
template CertifiedMetrics certified_metrics(const Certifier<double>&, const data::Dataset&, double,
                                            Workers&);
#endif

}  // namespace gloro
