// Losses that raise every rival of the true class t by what it could gain, and take the cross-entropy
// of the raised logits: Lipschitz-margin training (Tsuzuku, Sato and Sugiyama 2018), which raises all
// rivals alike, and EMMA (Hu, Zou, Wang, Leino and Fredrikson 2023), which raises each just far enough.
// Both are for top-1 guarantees.
#pragma once

#include <algorithm>

#include "gloro/loss/loss.hpp"

namespace gloro {

namespace detail {

/// These losses hold one class against all others: they have no form for sets of classes.
inline void require_top_1(const Guarantee& guarantee, const char* loss) {
  if (guarantee.is_relaxed())
    throw ArgumentError(message(loss, " trains for top-1 only, the guarantee is ", guarantee.text(),
                                ": take a loss with a bottom logit, cross-entropy or TRADES"));
}

/// Cross-entropy of the logits of sample n after raising rival i by raise(i); `pass_on(i, g)` passes
/// on d loss / d raise_i = g.
template <std::floating_point Scalar, typename Raise, typename PassOn>
double raised_cross_entropy(const LossInput<Scalar>& in, LossGradient<Scalar>* out, Index n,
                            Raise&& raise, PassOn&& pass_on) {
  const Index truth = in.labels[static_cast<std::size_t>(n)];
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

}  // namespace detail

/// Lipschitz-margin training: sqrt(2) eps K_G is added to every logit but the true one's, K_G the
/// constant of the whole network, head included.
struct LipschitzMargin {
  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
    check_labels(in.labels, in.logits.cols(), in.logits.rows());
    detail::require_top_1(in.guarantee, "Lipschitz-margin training");
    const double reach = std::sqrt(2.0) * static_cast<double>(in.epsilon);
    double total = 0;
    for (Index n = 0; n < in.logits.cols(); ++n)
      total += detail::raised_cross_entropy(
          in, out, n, [&](Index) { return reach * static_cast<double>(in.terms.network); },
          [&](Index, double g) { out->terms.network += static_cast<Scalar>(g * reach); });
    return total;
  }
};

/// EMMA: rival i is raised by e_i K_ti with e_i = clip((y_t - y_i) / K_ti, smallest, eps): as far as it
/// takes to catch up with t, at most by eps. e_i is held constant in the gradient.
struct Emma {
  double smallest = 1e-3;  ///< least e_i, as a share of eps

  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
    check_labels(in.labels, in.logits.cols(), in.logits.rows());
    detail::require_top_1(in.guarantee, "EMMA");
    const double epsilon = static_cast<double>(in.epsilon);
    double total = 0;
    for (Index n = 0; n < in.logits.cols(); ++n) {
      const Index truth = in.labels[static_cast<std::size_t>(n)];
      const auto margin = [&](Index i) { return static_cast<double>(in.terms.margin_constants(truth, i)); };
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
