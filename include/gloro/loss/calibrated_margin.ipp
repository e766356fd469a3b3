// The bodies of calibrated_margin.hpp.
#pragma once

#include "gloro/loss/calibrated_margin.hpp"

#include <cmath>

#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro {

template <std::floating_point Scalar>
double CalibratedMargin::operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
  require_top_1(in.guarantee, "the calibrated margin loss");
  const auto epsilon = static_cast<double>(in.epsilon);
  if (!(slack > 0 && slack < 1 && epsilon > 0))
    throw ArgumentError(
        message("the calibrated margin loss needs epsilon > 0 and a slack "
                "between 0 and 1, got ",
                epsilon, " and ", slack));
  const double steepness = std::log((2 - slack) / slack) / epsilon;
  const auto network = static_cast<double>(in.terms.network);
  const double pull = decay * in.lambda_factor;
  double total = 0;
  for (Index n = 0; n < in.logits.cols(); ++n) {
    const Index truth = in.truth(n);
    // Where K_ti = 0 nothing moves the rival: it stays as if on the boundary, without a slope.
    const auto margin = [&](Index i) {
      return static_cast<double>(in.terms.margin_constants(truth, i));
    };
    Vector<double> radii = Vector<double>::Zero(in.logits.rows());
    for (Index i = 0; i < radii.size(); ++i)
      if (i != truth && margin(i) > 0)
        radii(i) =
            (static_cast<double>(in.logits(truth, n)) - static_cast<double>(in.logits(i, n))) /
            margin(i);
    Vector<double> shifted = steepness * (reach * epsilon - radii.array());
    shifted(truth) = 0;
    const Softmax softmax(shifted);
    total += softmax.log_sum + pull * network * network;
    if (!out) continue;

    for (Index i = 0; i < radii.size(); ++i) {
      if (i == truth || !(margin(i) > 0)) continue;
      const double slope = steepness * softmax.probabilities(i) / margin(i);
      out->logits(i, n) += static_cast<Scalar>(slope);
      out->logits(truth, n) -= static_cast<Scalar>(slope);
      if (!holds_constants)
        out->terms.margin_constants(truth, i) += static_cast<Scalar>(slope * radii(i));
    }
    out->terms.network += static_cast<Scalar>(2 * pull * network);
  }
  return total;
}

#ifdef GLORO_COMPILING
template double CalibratedMargin::operator()(const LossInput<float>&, LossGradient<float>*) const;
template double CalibratedMargin::operator()(const LossInput<double>&, LossGradient<double>*) const;
#endif

}  // namespace gloro
