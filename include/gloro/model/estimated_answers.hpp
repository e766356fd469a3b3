// What a network answers by its estimated Lipschitz constants: right for training, no proof (the proof is
// Certifier's). Of logits, classes x samples.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>
#include <vector>

#include "gloro/core/tensor.hpp"
#include "gloro/model/bottom.hpp"
#include "gloro/model/detail/leading_sets.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/model/lipschitz_terms.hpp"

namespace gloro {

/// The logits and, in a row of its own below them, the bottom logit of each sample.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<Scalar> with_bottom(const Tensor<Scalar>& logits,
                                         const LipschitzTerms<Scalar>& terms, Scalar epsilon,
                                         const Guarantee& guarantee) {
  const auto y = logits.matrix();
  Matrix<Scalar> all(y.rows() + 1, y.cols());
  all.topRows(y.rows()) = y;
  for (Index n = 0; n < y.cols(); ++n)
    all(y.rows(), n) = bottom_logit(y.col(n), terms.margin_constants, epsilon, guarantee).value;
  return all;
}

/// The top class of each sample where it, or a set that it leads, beats the bottom logit; else `abstain`.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<int> estimated_labels(const Tensor<Scalar>& logits,
                                                const LipschitzTerms<Scalar>& terms, Scalar epsilon,
                                                const Guarantee& guarantee) {
  const auto y = logits.matrix();
  std::vector<int> labels(static_cast<std::size_t>(y.cols()), abstain);
  for (Index n = 0; n < y.cols(); ++n) {
    const auto bottom = bottom_logit(y.col(n), terms.margin_constants, epsilon, guarantee);
    if (bottom.size > 0) labels[static_cast<std::size_t>(n)] = static_cast<int>(bottom.top);
  }
  return labels;
}

/// The best over the sets J that the guarantee allows of min over j in J, i not in J of
/// (y_j - y_i) / K_ji. Top-1: J is the top class.
template <std::floating_point Scalar>
[[nodiscard]] Vector<Scalar> estimated_radius(const Tensor<Scalar>& logits,
                                              const LipschitzTerms<Scalar>& terms,
                                              const Guarantee& guarantee) {
  const auto y = logits.matrix();
  Vector<Scalar> radii = Vector<Scalar>::Zero(y.cols());
  for (Index n = 0; n < y.cols(); ++n) {
    const auto column = y.col(n);
    if (column.hasNaN()) continue;
    const LeadingSets<Scalar> sets(column, guarantee, [&](Index j, Index i) -> Scalar {
      const Scalar margin = column(j) - column(i);
      // A tie, also where K_ji = 0; NaN and overflow are doubt.
      if (!(margin > 0 && margin < std::numeric_limits<Scalar>::infinity())) return 0;
      const Scalar reached = margin / terms.margin_constants(j, i);
      return reached > 0 ? reached : 0;
    });
    for (Index size = 1; size <= sets.count(); ++size)
      radii(n) = std::max(radii(n), sets.weakest(size).lead);
  }
  return radii;
}

}  // namespace gloro
