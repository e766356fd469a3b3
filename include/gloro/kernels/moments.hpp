// A step by decaying means of gradients and of their squares, as Adam and NAdam take it: all of it in one
// pass over memory, which is what such a step costs.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"

namespace gloro::kernels {

/// Operands of step_by_moments: values, their gradients and the means of both kinds, `size` of each, which
/// do not overlap.
template <std::floating_point Scalar>
struct MomentStep {
  Index size = 0;
  Scalar* w = nullptr;
  const Scalar* g = nullptr;
  Scalar* mean = nullptr;
  Scalar* square = nullptr;
  double beta1 = 0, beta2 = 0;                                    ///< what the means keep
  double of_mean = 0, of_gradient = 0, of_root = 1, epsilon = 0;  ///< of the step
};

/// mean = beta1 mean + (1 - beta1) g,
/// square = beta2 square + (1 - beta2) g^2,
/// w -= (of_mean mean + of_gradient g) / (of_root sqrt(square) + epsilon).
/// Roots and quotients are correctly rounded, and a value's bits do not depend on where it stands.
template <std::floating_point Scalar>
void step_by_moments(const MomentStep<Scalar>& p);

}  // namespace gloro::kernels

#ifndef GLORO_COMPILED
#include "gloro/kernels/moments.ipp"
#endif
