// The bodies of lipschitz_margin.hpp.
#pragma once

#include "gloro/loss/lipschitz_margin.hpp"

#include <cmath>

#include "gloro/loss/detail/raised_rivals.hpp"

namespace gloro {

template <std::floating_point Scalar>
double LipschitzMargin::operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
  require_top_1(in.guarantee, "Lipschitz-margin training");
  const double reach = std::sqrt(2.0) * static_cast<double>(in.epsilon);
  double total = 0;
  for (Index n = 0; n < in.logits.cols(); ++n)
    total += detail::raised_cross_entropy(
        in, out, n, [&](Index) { return reach * static_cast<double>(in.terms.network); },
        [&](Index, double g) { out->terms.network += static_cast<Scalar>(g * reach); });
  return total;
}

#ifdef GLORO_COMPILING
template double LipschitzMargin::operator()(const LossInput<float>&, LossGradient<float>*) const;
template double LipschitzMargin::operator()(const LossInput<double>&, LossGradient<double>*) const;
#endif

}  // namespace gloro
