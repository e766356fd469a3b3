// LipschitzMargin: Lipschitz-margin training (Tsuzuku, Sato and Sugiyama 2018): the cross-entropy of
// logits whose rivals are all raised alike, by what the network's constant lets them gain.
#pragma once

#include <cmath>

#include "gloro/loss/detail/raised_rivals.hpp"
#include "gloro/loss/loss.hpp"

namespace gloro {

/// Lipschitz-margin training: sqrt(2) eps K_G is added to every logit but the true one's, K_G the
/// constant of the whole network, head included.
struct LipschitzMargin {
  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
    require_top_1(in.guarantee, "Lipschitz-margin training");
    const double reach = std::sqrt(2.0) * static_cast<double>(in.epsilon);
    double total = 0;
    for (Index n = 0; n < in.logits.cols(); ++n)
      total += detail::raised_cross_entropy(
          in, out, n, [&](Index) { return reach * static_cast<double>(in.terms.network); },
          [&](Index, double g) { out->terms.network += static_cast<Scalar>(g * reach); });
    return total;
  }
};

}  // namespace gloro
