// A whole data set certified and counted.
#pragma once

#include <concepts>

#include "gloro/certify/certifier.hpp"
#include "gloro/certify/summary.hpp"

namespace gloro {

/// Certifies every sample of a labelled data set at `epsilon`, for the certifier's guarantee, and
/// counts.
template <std::floating_point Scalar>
[[nodiscard]] CertifiedMetrics certified_metrics(const Certifier<Scalar>& certifier,
                                                 const data::Dataset& dataset, double epsilon,
                                                 Workers& workers);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/certify/certified_metrics.ipp"
#endif
