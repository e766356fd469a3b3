// Muon (Jordan et al., 2024): steps whose singular values are all about one. A step of size s then moves a
// weight matrix' spectral norm by no more than about s, and so the Lipschitz constant grows at a known rate.
#pragma once

#include <concepts>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/rules/adam.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

/// Steps of a weight matrix along the nearly orthogonal factor of the mean of its gradients, with Nesterov's
/// look ahead; of all else, such as biases, by Adam. A factor of 0.2 sqrt(max(rows, columns)) lets values
/// move as far as Adam's do (Liu et al., 2025), so that both take the same learning rates.
struct Muon {
  double momentum = 0.95;  ///< what the mean of a matrix's gradients keeps, in [0, 1)
  double beta1 = 0.9;      ///< as of Adam, for what is no weight matrix
  double beta2 = 0.999;
  double epsilon = 1e-7;

  struct Factors {
    double matrices = 0, others = 0;  ///< how far they go
  };

  [[nodiscard]] std::vector<std::string> columns() const;

  [[nodiscard]] Factors at(Index step, double learning_rate) const;

  template <std::floating_point Scalar>
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state,
            const Factors& at) const;

  template <std::floating_point Scalar>
  void move_matrix(WeightMatrix<Scalar> w, ConstWeightMatrix<Scalar> g, RuleState<Scalar> state,
                   const Factors& at, Workers& workers) const;

  /// As read_optimizer() takes it.
  [[nodiscard]] std::string text() const;
  /// Throws ArgumentError if a constant lies outside its range.
  void check() const;

 private:
  [[nodiscard]] Adam adam() const { return {.beta1 = beta1, .beta2 = beta2, .epsilon = epsilon}; }
};

#ifdef GLORO_COMPILED
extern template struct UpdateRule<float>::Holder<Muon>;
extern template struct UpdateRule<double>::Holder<Muon>;
#endif

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/rules/muon.ipp"
#endif
