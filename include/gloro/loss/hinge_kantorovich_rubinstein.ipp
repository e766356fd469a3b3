// The bodies of hinge_kantorovich_rubinstein.hpp.
#pragma once

#include "gloro/loss/hinge_kantorovich_rubinstein.hpp"

#include "gloro/core/error.hpp"

namespace gloro {

template <std::floating_point Scalar>
double HingeKantorovichRubinstein::operator()(const LossInput<Scalar>& in,
                                              LossGradient<Scalar>* out) const {
  require_top_1(in.guarantee, "the hinge-Kantorovich-Rubinstein loss");
  const Index classes = in.logits.rows();
  const auto constant = static_cast<double>(in.terms.network);
  if (classes < 2 || !(constant > 0))
    throw ArgumentError(
        message("the hinge-Kantorovich-Rubinstein loss needs two classes and a Lipschitz "
                "constant > 0, got ",
                classes, " and ", constant));
  const double m = margin * static_cast<double>(in.epsilon), weight = alpha * in.lambda_factor;
  double total = 0;
  for (Index n = 0; n < in.logits.cols(); ++n) {
    const Index truth = in.truth(n);
    for (Index i = 0; i < classes; ++i) {
      const double sign = i == truth ? 1 : -1;
      const double share = i == truth ? 1 : 1 / static_cast<double>(classes - 1);
      const double lead = sign * static_cast<double>(in.logits(i, n)) / constant;
      const double short_of_m = m - lead;
      total += share * ((short_of_m > 0 ? weight * short_of_m : 0) - lead);
      if (!out) continue;

      const double slope = -share * ((short_of_m > 0 ? weight : 0) + 1) / constant;  // by sign * y
      out->logits(i, n) += static_cast<Scalar>(slope * sign);
      out->terms.network -= static_cast<Scalar>(slope * lead);
    }
  }
  return total;
}

#ifdef GLORO_COMPILING
template double HingeKantorovichRubinstein::operator()(const LossInput<float>&,
                                                       LossGradient<float>*) const;
template double HingeKantorovichRubinstein::operator()(const LossInput<double>&,
                                                       LossGradient<double>*) const;
#endif

}  // namespace gloro
