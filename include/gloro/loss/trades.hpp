// TRADES for GloRo Nets (Leino et al. 2021, section 5, after Zhang et al. 2019): learn the classes on
// the plain logits, and push bottom down for whatever class is predicted.
//
//   loss = CE(softmax(y), t) + lambda * D(softmax(y), softmax(y, y_bot))
//
// With p = softmax(y) and q = softmax(y, y_bot) = ((1 - b) p, b), b the share of bottom:
//   KL form  D = sum p log(p / q) = -log(1 - b) = log(1 + exp(y_bot) / sum exp(y_i))
//   CE form  D = -sum p log q = KL + entropy(p)
#pragma once

#include "gloro/loss/loss.hpp"

namespace gloro {

enum class Divergence {
  kl,             ///< `trades_kl` of the original package
  cross_entropy,  ///< `trades_ce`
};

struct Trades {
  double lambda = 1.0;  ///< weight of the robust term; multiplied by the scheduled factor
  Divergence divergence = Divergence::kl;

  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/loss/trades.ipp"
#endif
