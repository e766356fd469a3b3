// Emma: EMMA, efficient margin maximization (Hu, Zou, Wang, Leino and Fredrikson 2023): the
// cross-entropy of logits whose rivals are each raised just far enough to matter.
#pragma once

#include "gloro/loss/loss.hpp"

namespace gloro {

/// EMMA: rival i is raised by e_i K_ti with e_i = clip((y_t - y_i) / K_ti, smallest, eps): as far as it
/// takes to catch up with t, at most by eps. e_i is held constant in the gradient.
struct Emma {
  double smallest = 1e-3;  ///< least e_i, as a share of eps

  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/loss/emma.ipp"
#endif
