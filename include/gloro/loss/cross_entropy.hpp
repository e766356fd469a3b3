// Cross-entropy: on the plain logits (a standard network), and with bottom as a further class that is
// never right, the first loss of Leino et al. 2021.
#pragma once

#include "gloro/loss/loss.hpp"

namespace gloro {

/// -log softmax(y)_t: trains a standard network and ignores the Lipschitz terms.
struct StandardCrossEntropy {
  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
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
};

/// -log softmax(y, y_bot)_t: certified and right is the only way to a small loss.
struct CrossEntropy {
  template <std::floating_point Scalar>
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
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

  /// Passes d loss / d y_bot on: d y_bot / d y_i = 1 and d y_bot / d K_ji = eps for the rival i; in a
  /// relaxed answer with a weakest member j also 1 by the top logit and -1 by y_j.
  template <std::floating_point Scalar>
  static void add_bottom_gradient(const Bottom<Scalar>& bottom, Scalar slope, Index sample,
                                  const LossInput<Scalar>& in, LossGradient<Scalar>& out) {
    out.logits(bottom.rival, sample) += slope;
    if (bottom.held != bottom.top) {
      out.logits(bottom.top, sample) += slope;
      out.logits(bottom.held, sample) -= slope;
    }
    out.terms.margin_constants(bottom.held, bottom.rival) += slope * in.epsilon;
  }
};

}  // namespace gloro
