// Emma: EMMA, efficient margin maximization (Hu, Zou, Wang, Leino and Fredrikson 2023): the
// cross-entropy of logits whose rivals are each raised just far enough to matter.
#pragma once

#include <algorithm>

#include "gloro/loss/detail/raised_rivals.hpp"
#include "gloro/loss/loss.hpp"

namespace gloro {

/// EMMA: rival i is raised by e_i K_ti with e_i = clip((y_t - y_i) / K_ti, smallest, eps): as far as it
/// takes to catch up with t, at most by eps. e_i is held constant in the gradient.
struct Emma {
  double smallest = 1e-3;  ///< least e_i, as a share of eps

  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
    require_top_1(in.guarantee, "EMMA");
    const double epsilon = static_cast<double>(in.epsilon);
    double total = 0;
    for (Index n = 0; n < in.logits.cols(); ++n) {
      const Index truth = in.truth(n);
      const auto margin = [&](Index i) {
        return static_cast<double>(in.terms.margin_constants(truth, i));
      };
      const auto distance = [&](Index i) {
        const double lead = static_cast<double>(in.logits(truth, n) - in.logits(i, n));
        const double needed = margin(i) > 0 ? lead / margin(i) : epsilon;
        return std::clamp(needed, smallest * epsilon, epsilon);
      };
      total += detail::raised_cross_entropy(
          in, out, n, [&](Index i) { return distance(i) * margin(i); },
          [&](Index i, double g) {
            out->terms.margin_constants(truth, i) += static_cast<Scalar>(g * distance(i));
          });
    }
    return total;
  }
};

}  // namespace gloro
