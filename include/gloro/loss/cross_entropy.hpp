// Cross-entropy: on the plain logits (a standard network), and with bottom as a further class that is
// never right, the first loss of Leino et al. 2021.
#pragma once

#include "gloro/loss/loss.hpp"

namespace gloro {

/// -log softmax(y)_t: trains a standard network and ignores the Lipschitz terms.
struct StandardCrossEntropy {
  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const;
};

/// -log softmax(y, y_bot)_t: certified and right is the only way to a small loss.
struct CrossEntropy {
  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const;

  /// Passes d loss / d y_bot on: d y_bot / d y_i = 1 and d y_bot / d K_ji = eps for the rival i; in a
  /// relaxed answer with a weakest member j also 1 by the top logit and -1 by y_j.
  template <std::floating_point Scalar>
  static void add_bottom_gradient(const Bottom<Scalar>& bottom, Scalar slope, Index sample,
                                  const LossInput<Scalar>& in, LossGradient<Scalar>& out);
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/loss/cross_entropy.ipp"
#endif
