// LipschitzMargin: Lipschitz-margin training (Tsuzuku, Sato and Sugiyama 2018): the cross-entropy of
// logits whose rivals are all raised alike, by what the network's constant lets them gain.
#pragma once

#include "gloro/loss/loss.hpp"

namespace gloro {

/// Lipschitz-margin training: sqrt(2) eps K_G is added to every logit but the true one's, K_G the
/// constant of the whole network, head included.
struct LipschitzMargin {
  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/loss/lipschitz_margin.ipp"
#endif
