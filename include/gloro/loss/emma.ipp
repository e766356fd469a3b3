// The bodies of emma.hpp.
#pragma once

#include "gloro/loss/emma.hpp"

#include <algorithm>

#include "gloro/loss/detail/raised_rivals.hpp"

namespace gloro {

template <std::floating_point Scalar>
double Emma::operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
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

#ifdef GLORO_COMPILING
template double Emma::operator()(const LossInput<float>&, LossGradient<float>*) const;
template double Emma::operator()(const LossInput<double>&, LossGradient<double>*) const;
#endif

}  // namespace gloro
