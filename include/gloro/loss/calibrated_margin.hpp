// CalibratedMargin: the calibrated Lipschitz-margin loss (CLL: Losch, Stutz, Schiele and Fritz
// 2023, "Certified Robust Models with Slack Control and Large Lipschitz Constants"), a logistic
// loss of the certified radii themselves, its width set by epsilon: it neither flattens nor
// sharpens when the network's constant shrinks or grows.
#pragma once

#include <cmath>

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
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
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
};

}  // namespace gloro
