// CalibratedMargin: the calibrated Lipschitz-margin loss (CLL: Losch, Stutz, Schiele and Fritz
// 2023, "Certified Robust Models with Slack Control and Large Lipschitz Constants"), a logistic
// loss of the certified radii themselves, its width set by epsilon: it neither flattens nor
// sharpens when the network's constant shrinks or grows.
#pragma once

#include "gloro/loss/loss.hpp"

namespace gloro {

/// With the radii r_i = (y_t - y_i) / K_ti of the true class t against its rivals,
///
///   loss = log(1 + sum over i != t of exp((reach eps - r_i) / sigma)) + decay lambda_factor K_G^2,
///   sigma = eps / log((2 - slack) / slack).
///
/// The logistic function of width sigma passes from slack / 2 to 1 - slack / 2 between -eps and
/// eps: little slack makes a steep wall of it, slack near 1 a gentle slope that reaches beyond
/// epsilon. As the authors' program has it for several classes, the slope is centred at 2 eps.
struct CalibratedMargin {
  double slack = 0.3;  ///< p in (0, 1): the authors' for CIFAR-10; 0.025 for Tiny-ImageNet
  double reach = 2;    ///< where a rival's share falls to a half, in units of epsilon
  double decay = 0;    ///< weight of the square of the network's constant
  /// As the authors train: K_ti held constant in the gradient, so that only the decay keeps the
  /// network's constant from growing. Otherwise the derivative is that of the radii, which do not
  /// change when the network is scaled.
  bool holds_constants = false;

  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/loss/calibrated_margin.ipp"
#endif
