// The bodies of summary.hpp.
#pragma once

#include "gloro/certify/summary.hpp"

#include <cstddef>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE void CertifiedMetrics::count(const Certificate& answer, int top, int truth,
                                          double epsilon) {
  const bool is_known = truth != abstain;
  ++samples;
  right += is_known && top == truth;
  certified += stands(answer.radius, epsilon);
  right_and_certified += is_known && answer.label == truth && stands(answer.radius, epsilon);
  set_certified += stands(answer.set_radius(), epsilon);
  right_and_set_certified += is_known && stands(answer.set_radius_of(truth), epsilon);
}

GLORO_INLINE CertifiedMetrics& CertifiedMetrics::operator+=(const CertifiedMetrics& other) {
  add(other);
  set_certified += other.set_certified;
  right_and_set_certified += other.right_and_set_certified;
  needed_double += other.needed_double;
  return *this;
}

GLORO_INLINE CertifiedMetrics tally(const Certificates& certified, std::span<const int> labels,
                                    double epsilon) {
  const std::size_t size = certified.answers.size();
  if (!labels.empty() && labels.size() != size)
    throw ArgumentError(
        message("expected a label for each of ", size, " answers, got ", labels.size()));
  if (!(epsilon >= 0)) throw ArgumentError(message("epsilon must be >= 0, got ", epsilon));
  CertifiedMetrics metrics;
  for (std::size_t n = 0; n < size; ++n)
    metrics.count(certified.answers[n], certified.top[n], labels.empty() ? abstain : labels[n],
                  epsilon);
  metrics.needed_double = certified.needed_double;
  return metrics;
}

GLORO_INLINE std::vector<double> radii(const Certificates& certified) {
  std::vector<double> all;
  for (const Certificate& answer : certified.answers) all.push_back(answer.radius);
  return all;
}

}  // namespace gloro
