// NAdam (Dozat, 2016): Adam with Nesterov's look ahead, as in Keras.
#pragma once

#include <concepts>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

/// Steps along a mixture of the gradient and the mean that it will have made of itself a step later.
struct NAdam {
  double beta1 = 0.9;     ///< decay of the mean of the gradients, in [0, 1), which it approaches
  double beta2 = 0.999;   ///< decay of the mean of their squares, in [0, 1)
  double epsilon = 1e-7;  ///< added to the corrected root, in (0, 1); Keras' default

  struct Factors {
    double product = 1;                       // of the momenta so far
    double mean = 0, gradient = 0, root = 1;  // of the mean and the gradient above, the root below
  };

  [[nodiscard]] std::vector<std::string> columns() const;

  [[nodiscard]] Factors at(Index t, double learning_rate, const Factors& before) const;

  template <std::floating_point Scalar>
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state,
            const Factors& at) const;

  /// As read_optimizer() takes it.
  [[nodiscard]] std::string text() const;
  /// Throws ArgumentError if a constant lies outside its range.
  void check() const;

 private:
  /// The momentum warms up: beta1 (1 - 0.96^(t / 250) / 2) (Dozat, 2016; Keras).
  [[nodiscard]] double momentum(Index t) const;
};

#ifdef GLORO_COMPILED
extern template struct UpdateRule<float>::Holder<NAdam>;
extern template struct UpdateRule<double>::Holder<NAdam>;
#endif

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/rules/nadam.ipp"
#endif
