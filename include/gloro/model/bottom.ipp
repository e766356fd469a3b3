// The bodies of bottom.hpp.
#pragma once

#include "gloro/model/bottom.hpp"

#include <cmath>

#include "gloro/model/detail/leading_sets.hpp"

namespace gloro {

template <std::floating_point Scalar>
Bottom<Scalar> bottom_logit(const LogitsView<Scalar>& logits, const Matrix<Scalar>& margins,
                            Scalar epsilon) {
  Bottom<Scalar> bottom;
  for (Index i = 1; i < logits.size(); ++i)
    if (logits(i) > logits(bottom.top)) bottom.top = i;
  bottom.rival = bottom.top;
  for (Index i = 0; i < logits.size(); ++i) {
    if (i == bottom.top) continue;
    const Scalar reach = logits(i) + epsilon * margins(bottom.top, i);
    if (reach > bottom.value || std::isnan(reach) || bottom.rival == bottom.top) {
      bottom.value = reach;
      bottom.rival = i;
    }
  }
  bottom.held = bottom.top;
  bottom.size = logits(bottom.top) > bottom.value ? 1 : 0;
  return bottom;
}

template <std::floating_point Scalar>
Bottom<Scalar> bottom_logit(const LogitsView<Scalar>& logits, const Matrix<Scalar>& margins,
                            Scalar epsilon, const Guarantee& guarantee) {
  Bottom<Scalar> bottom = bottom_logit(logits, margins, epsilon);
  if (!guarantee.is_relaxed() || logits.hasNaN() || std::isnan(bottom.value)) return bottom;
  const Scalar highest = logits(bottom.top);
  const LeadingSets<Scalar> sets(logits, guarantee, [&](Index j, Index i) {
    return -((logits(i) + epsilon * margins(j, i)) + (highest - logits(j)));
  });
  for (Index size = 2; size <= sets.count(); ++size) {
    const auto& [held, rival, lead] = sets.weakest(size);
    if (-lead < bottom.value || std::isnan(lead)) {
      bottom.value = -lead;
      bottom.held = held;
      bottom.rival = rival;
    }
    if (highest > -lead) bottom.size = size;
  }
  if (std::isnan(bottom.value)) bottom.size = 0;
  return bottom;
}

#ifdef GLORO_COMPILING
template Bottom<float> bottom_logit(const LogitsView<float>&, const Matrix<float>&, float);
template Bottom<double> bottom_logit(const LogitsView<double>&, const Matrix<double>&, double);
template Bottom<float> bottom_logit(const LogitsView<float>&, const Matrix<float>&, float,
                                    const Guarantee&);
template Bottom<double> bottom_logit(const LogitsView<double>&, const Matrix<double>&, double,
                                     const Guarantee&);
#endif

}  // namespace gloro
