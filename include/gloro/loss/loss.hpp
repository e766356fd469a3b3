// Loss: what a loss is given and what it gives back. Losses see a model's output and its Lipschitz
// terms, never the model: anything callable with this signature is a loss, a user's lambda too.
#pragma once

#include <cmath>
#include <functional>
#include <span>

#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/model/bottom.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/model/lipschitz_terms.hpp"

namespace gloro {

template <std::floating_point Scalar>
struct LossInput {
  ConstMatrixView<Scalar> logits;        ///< classes x samples
  std::span<const int> labels;           ///< true classes, one a sample
  const LipschitzTerms<Scalar>& terms;   ///< of the model as it stands
  Scalar epsilon = 0;                    ///< radius to certify, in units of the input
  double lambda_factor = 1;              ///< scheduled multiplier of a loss's own weight
  const Guarantee& guarantee = Guarantee::top_1();  ///< what the bottom logit stands for

  /// Of sample n.
  [[nodiscard]] Bottom<Scalar> bottom(Index n) const {
    return bottom_logit(logits.col(n), terms.margin_constants, epsilon, guarantee);
  }
};

/// Derivatives of the *sum* of the samples' losses; a loss adds to what it finds.
template <std::floating_point Scalar>
struct LossGradient {
  MatrixView<Scalar> logits;      ///< by the logits, classes x samples
  LipschitzTerms<Scalar>& terms;  ///< by K_ji (`margins`) and K_G (`network`)
};

/// Sum of the losses of the samples. The gradient is wanted where the pointer is not null.
template <std::floating_point Scalar>
using Loss = std::function<double(const LossInput<Scalar>&, LossGradient<Scalar>*)>;

/// Numerically stable softmax of a few values, in double whatever the network's precision: a loss is
/// a few hundred flops a sample, and its sums should not lose what the network has computed.
struct Softmax {
  Vector<double> probabilities;
  double log_sum = 0;  ///< log sum exp

  explicit Softmax(const Vector<double>& logits) {
    const double highest = logits.maxCoeff();
    // Eigen's vector exp(-infinity) is a tiny number with some instruction sets, not 0.
    probabilities = (logits.array() == -infinity).select(0, (logits.array() - highest).exp());
    const double sum = probabilities.sum();
    probabilities /= sum;
    log_sum = highest + std::log(sum);
  }
};

/// Throws ArgumentError unless every label names a class.
inline void check_labels(std::span<const int> labels, Index samples, Index classes) {
  if (static_cast<Index>(labels.size()) != samples)
    throw ArgumentError(message("a loss of ", samples, " samples got ", labels.size(), " labels"));
  for (const int label : labels)
    if (label < 0 || label >= classes)
      throw ArgumentError(message("labels run from 0 to ", classes - 1, ", got ", label));
}

}  // namespace gloro
