// The bodies of trades.hpp.
#pragma once

#include "gloro/loss/trades.hpp"

#include <algorithm>
#include <cmath>

#include "gloro/core/tensor.hpp"
#include "gloro/loss/cross_entropy.hpp"

namespace gloro {

namespace detail {

[[nodiscard]] inline double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

[[nodiscard]] inline double logistic(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace detail

template <std::floating_point Scalar>
double Trades::operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
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
    total += softmax.log_sum - y(truth) + weight * (detail::softplus(gap) + entropy);
    if (!out) continue;

    const double share = detail::logistic(gap);  // b, the derivative of log(1 + e^gap)
    Vector<double> slope = p * (1 - weight * share);
    slope(truth) -= 1;
    if (divergence == Divergence::cross_entropy)  // d entropy / d y_i = -p_i (y_i - sum p y)
      slope.array() -= weight * p.array() * (y.array() - p.dot(y));
    out->logits.col(n) += slope.cast<Scalar>();
    CrossEntropy::add_bottom_gradient(bottom, static_cast<Scalar>(weight * share), n, in, *out);
  }
  return total;
}

#ifdef GLORO_COMPILING
template double Trades::operator()(const LossInput<float>&, LossGradient<float>*) const;
template double Trades::operator()(const LossInput<double>&, LossGradient<double>*) const;
#endif

}  // namespace gloro
