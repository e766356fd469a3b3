// The bodies of estimated_answers.hpp.
#pragma once

#include "gloro/model/estimated_answers.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "gloro/model/detail/leading_sets.hpp"

namespace gloro {

template <std::floating_point Scalar>
Matrix<Scalar> with_bottom(const Tensor<Scalar>& logits, const LipschitzTerms<Scalar>& terms,
                           Scalar epsilon, const Guarantee& guarantee) {
  const auto y = logits.matrix();
  Matrix<Scalar> all(y.rows() + 1, y.cols());
  all.topRows(y.rows()) = y;
  for (Index n = 0; n < y.cols(); ++n)
    all(y.rows(), n) = bottom_logit(y.col(n), terms.margin_constants, epsilon, guarantee).value;
  return all;
}

template <std::floating_point Scalar>
std::vector<int> estimated_labels(const Tensor<Scalar>& logits, const LipschitzTerms<Scalar>& terms,
                                  Scalar epsilon, const Guarantee& guarantee) {
  const auto y = logits.matrix();
  std::vector<int> labels(static_cast<std::size_t>(y.cols()), abstain);
  for (Index n = 0; n < y.cols(); ++n) {
    const auto bottom = bottom_logit(y.col(n), terms.margin_constants, epsilon, guarantee);
    if (bottom.size > 0) labels[static_cast<std::size_t>(n)] = static_cast<int>(bottom.top);
  }
  return labels;
}

template <std::floating_point Scalar>
Vector<Scalar> estimated_radius(const Tensor<Scalar>& logits, const LipschitzTerms<Scalar>& terms,
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

#ifdef GLORO_COMPILING
template Matrix<float> with_bottom(const Tensor<float>&, const LipschitzTerms<float>&, float,
                                   const Guarantee&);
template Matrix<double> with_bottom(const Tensor<double>&, const LipschitzTerms<double>&, double,
                                    const Guarantee&);
template std::vector<int> estimated_labels(const Tensor<float>&, const LipschitzTerms<float>&,
                                           float, const Guarantee&);
template std::vector<int> estimated_labels(const Tensor<double>&, const LipschitzTerms<double>&,
                                           double, const Guarantee&);
template Vector<float> estimated_radius(const Tensor<float>&, const LipschitzTerms<float>&,
                                        const Guarantee&);
template Vector<double> estimated_radius(const Tensor<double>&, const LipschitzTerms<double>&,
                                         const Guarantee&);
#endif

}  // namespace gloro
