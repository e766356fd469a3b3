// The bodies of loss.hpp.
#pragma once

#include "gloro/loss/loss.hpp"

#include <cmath>
#include <cstddef>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"

namespace gloro {

GLORO_INLINE void check_label(int label, Index classes) {
  if (label < 0 || label >= classes)
    throw ArgumentError(message("labels run from 0 to ", classes - 1, ", got ", label));
}

GLORO_INLINE void check_labels(std::span<const int> labels, Index samples, Index classes) {
  if (static_cast<Index>(labels.size()) != samples)
    throw ArgumentError(message("a loss of ", samples, " samples got ", labels.size(), " labels"));
  for (const int label : labels) check_label(label, classes);
}

template <std::floating_point Scalar>
Index LossInput<Scalar>::truth(Index n) const {
  const int label = labels[static_cast<std::size_t>(n)];
  check_label(label, logits.rows());
  return label;
}

template <std::floating_point Scalar>
Bottom<Scalar> LossInput<Scalar>::bottom(Index n) const {
  return bottom_logit(logits.col(n), terms.margin_constants, epsilon, guarantee);
}

template <std::floating_point Scalar>
double Loss<Scalar>::operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const {
  check_labels(in.labels, in.logits.cols(), in.logits.rows());
  return function_(in, out);
}

GLORO_INLINE void require_top_1(const Guarantee& guarantee, const char* loss) {
  if (guarantee.is_relaxed())
    throw ArgumentError(message(loss, " trains for top-1 only, the guarantee is ", guarantee.text(),
                                ": take a loss with a bottom logit, cross-entropy or TRADES"));
}

GLORO_INLINE Softmax::Softmax(const Vector<double>& logits) {
  const double highest = logits.maxCoeff();
  // Eigen's vector exp(-infinity) is a tiny number with some instruction sets, not 0.
  probabilities = (logits.array() == -infinity).select(0, (logits.array() - highest).exp());
  const double sum = probabilities.sum();
  probabilities /= sum;
  log_sum = highest + std::log(sum);
}

#ifdef GLORO_COMPILING
template struct LossInput<float>;
template struct LossInput<double>;
template class Loss<float>;
template class Loss<double>;
#endif

}  // namespace gloro
