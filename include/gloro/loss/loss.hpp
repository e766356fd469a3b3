// Loss: what a loss is given and what it gives back. Losses see a model's output and its Lipschitz
// terms, never the model: anything callable as double(const LossInput<Scalar>&, LossGradient<Scalar>*)
// is a loss, a user's lambda too.
#pragma once

#include <concepts>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>

#include "gloro/core/tensor.hpp"
#include "gloro/model/bottom.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/model/lipschitz_terms.hpp"

namespace gloro {

/// Throws ArgumentError unless the label names a class.
void check_label(int label, Index classes);

/// Throws ArgumentError unless there is a label for each sample and every one names a class.
void check_labels(std::span<const int> labels, Index samples, Index classes);

template <std::floating_point Scalar>
struct LossInput {
  ConstMatrixView<Scalar> logits;                   ///< classes x samples
  std::span<const int> labels;                      ///< true classes, one a sample
  const LipschitzTerms<Scalar>& terms;              ///< of the model as it stands
  Scalar epsilon = 0;                               ///< radius to certify, in units of the input
  double lambda_factor = 1;                         ///< scheduled multiplier of a loss's own weight
  const Guarantee& guarantee = Guarantee::top_1();  ///< what the bottom logit stands for

  /// The true class of sample n. Throws ArgumentError if there is no such class.
  [[nodiscard]] Index truth(Index n) const;

  /// The bottom logit of sample n.
  [[nodiscard]] Bottom<Scalar> bottom(Index n) const;
};

/// Derivatives of the *sum* of the samples' losses; a loss adds to what it finds.
template <std::floating_point Scalar>
struct LossGradient {
  MatrixView<Scalar> logits;       ///< by the logits, classes x samples
  LipschitzSlopes<Scalar>& terms;  ///< by K_ji and K_G
};

/// Any loss. Called from several threads at once, each with samples of its own.
template <std::floating_point Scalar>
class Loss {
 public:
  template <typename Function>
  requires(!std::same_as<std::remove_cvref_t<Function>, Loss>)
      Loss(Function&& function) {  // NOLINT: implicit, `.loss = Trades{}`; it hides no copy
    using Input = const LossInput<Scalar>&;
    using Output = LossGradient<Scalar>*;
    constexpr bool takes_both = std::is_invocable_v<std::decay_t<Function>&, Input, Output>;
    static_assert(
        takes_both,
        "a loss is called with (const LossInput<Scalar>&, LossGradient<Scalar>*), Scalar being "
        "the model's");
    if constexpr (takes_both) {
      constexpr bool returns_sum =
          std::is_arithmetic_v<std::invoke_result_t<std::decay_t<Function>&, Input, Output>>;
      static_assert(returns_sum, "a loss returns a double, the sum of its samples' losses");
      if constexpr (returns_sum) function_ = std::forward<Function>(function);
    }
  }

  /// The sum of the samples' losses. The gradient is wanted where `out` is not null. Throws
  /// ArgumentError for labels that are not one a sample, or name no class.
  double operator()(const LossInput<Scalar>& in, LossGradient<Scalar>* out) const;

 private:
  std::function<double(const LossInput<Scalar>&, LossGradient<Scalar>*)> function_;
};

/// For losses that hold one class against all others and have no form for sets of classes: throws
/// ArgumentError if the guarantee is of sets. `loss`: what trains, for the error.
void require_top_1(const Guarantee& guarantee, const char* loss);

/// Numerically stable softmax of a few values, in double whatever the network's precision: a loss is
/// a few hundred flops a sample, and its sums should not lose what the network has computed.
struct Softmax {
  Vector<double> probabilities;
  double log_sum = 0;  ///< log sum exp

  explicit Softmax(const Vector<double>& logits);
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/loss/loss.ipp"
#endif
