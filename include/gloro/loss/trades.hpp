// TRADES for GloRo Nets (Leino et al. 2021, section 5, after Zhang et al. 2019): learn the classes on
// the plain logits, and push bottom down for whatever class is predicted.
//
//   loss = CE(softmax(y), t) + lambda * D(softmax(y), softmax(y, y_bot))
//
// With p = softmax(y) and q = softmax(y, y_bot) = ((1 - b) p, b), b the share of bottom:
//   KL form  D = sum p log(p / q) = -log(1 - b) = log(1 + exp(y_bot) / sum exp(y_i))
//   CE form  D = -sum p log q = KL + entropy(p)
#pragma once

#include "gloro/loss/cross_entropy.hpp"
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
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
    const double weight = lambda * in.lambda_factor;
    double total = 0;
    for (Index n = 0; n < in.logits.cols(); ++n) {
      const Index truth = in.truth(n);
      const auto bottom = in.bottom(n);
      const Vector<double> y = in.logits.col(n).template cast<double>();
      const Softmax softmax(y);
      const Vector<double>& p = softmax.probabilities;
      const double gap = static_cast<double>(bottom.value) - softmax.log_sum;
      const double entropy =
          divergence == Divergence::cross_entropy ? softmax.log_sum - p.dot(y) : 0.0;
      total += softmax.log_sum - y(truth) + weight * (softplus(gap) + entropy);
      if (!out) continue;

      const double share = logistic(gap);  // b, the derivative of log(1 + e^gap)
      Vector<double> slope = p * (1 - weight * share);
      slope(truth) -= 1;
      if (divergence == Divergence::cross_entropy)  // d entropy / d y_i = -p_i (y_i - sum p y)
        slope.array() -= weight * p.array() * (y.array() - p.dot(y));
      out->logits.col(n) += slope.cast<Scalar>();
      CrossEntropy::add_bottom_gradient(bottom, static_cast<Scalar>(weight * share), n, in, *out);
    }
    return total;
  }

 private:
  [[nodiscard]] static double softplus(double x) {
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
  }
  [[nodiscard]] static double logistic(double x) { return 1 / (1 + std::exp(-x)); }
};

}  // namespace gloro
