// Cross-entropy after every rival of the true class has been raised by what it could gain: what EMMA
// (loss/emma.hpp) and Lipschitz-margin training (loss/lipschitz_margin.hpp) share.
#pragma once

#include "gloro/loss/loss.hpp"

namespace gloro::detail {

/// Of sample n, rival i raised by raise(i); `pass_on(i, g)` passes on d loss / d raise_i = g.
template <std::floating_point Scalar, typename Raise, typename PassOn>
double raised_cross_entropy(const LossInput<Scalar>& in, LossGradient<Scalar>* out, Index n,
                            Raise&& raise, PassOn&& pass_on) {
  const Index truth = in.truth(n);
  Vector<double> y = in.logits.col(n).template cast<double>();
  for (Index i = 0; i < y.size(); ++i)
    if (i != truth) y(i) += raise(i);
  const Softmax softmax(y);
  if (out) {
    out->logits.col(n) += softmax.probabilities.cast<Scalar>();
    out->logits(truth, n) -= 1;
    for (Index i = 0; i < y.size(); ++i)
      if (i != truth) pass_on(i, softmax.probabilities(i));
  }
  return softmax.log_sum - y(truth);
}

}  // namespace gloro::detail
