// The bodies of cross_entropy.hpp.
#pragma once

#include "gloro/loss/cross_entropy.hpp"

#include "gloro/core/tensor.hpp"

namespace gloro {

template <std::floating_point Scalar>
double StandardCrossEntropy::operator()(const LossInput<Scalar>& in,
                                        LossGradient<Scalar>* out) const {
  double total = 0;
  for (Index n = 0; n < in.logits.cols(); ++n) {
    const Index truth = in.truth(n);
    const Vector<double> y = in.logits.col(n).template cast<double>();
    const Softmax softmax(y);
    total += softmax.log_sum - y(truth);
    if (!out) continue;
    out->logits.col(n) += softmax.probabilities.cast<Scalar>();
    out->logits(truth, n) -= 1;
  }
  return total;
}

template <std::floating_point Scalar>
double CrossEntropy::operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
  const Index classes = in.logits.rows();
  double total = 0;
  for (Index n = 0; n < in.logits.cols(); ++n) {
    const Index truth = in.truth(n);
    const auto bottom = in.bottom(n);
    Vector<double> y(classes + 1);
    y << in.logits.col(n).template cast<double>(), static_cast<double>(bottom.value);
    const Softmax softmax(y);
    total += softmax.log_sum - y(truth);
    if (!out) continue;
    out->logits.col(n) += softmax.probabilities.head(classes).template cast<Scalar>();
    out->logits(truth, n) -= 1;
    add_bottom_gradient(bottom, static_cast<Scalar>(softmax.probabilities(classes)), n, in, *out);
  }
  return total;
}

template <std::floating_point Scalar>
void CrossEntropy::add_bottom_gradient(const Bottom<Scalar>& bottom, Scalar slope, Index sample,
                                       const LossInput<Scalar>& in, LossGradient<Scalar>& out) {
  out.logits(bottom.rival, sample) += slope;
  if (bottom.held != bottom.top) {
    out.logits(bottom.top, sample) += slope;
    out.logits(bottom.held, sample) -= slope;
  }
  out.terms.margin_constants(bottom.held, bottom.rival) += slope * in.epsilon;
}

#ifdef GLORO_COMPILING
template double StandardCrossEntropy::operator()(const LossInput<float>&,
                                                 LossGradient<float>*) const;
template double StandardCrossEntropy::operator()(const LossInput<double>&,
                                                 LossGradient<double>*) const;
template double CrossEntropy::operator()(const LossInput<float>&, LossGradient<float>*) const;
template double CrossEntropy::operator()(const LossInput<double>&, LossGradient<double>*) const;
template void CrossEntropy::add_bottom_gradient(const Bottom<float>&, float, Index,
                                                const LossInput<float>&, LossGradient<float>&);
template void CrossEntropy::add_bottom_gradient(const Bottom<double>&, double, Index,
                                                const LossInput<double>&, LossGradient<double>&);
#endif

}  // namespace gloro
