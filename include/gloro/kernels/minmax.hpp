// MinMax of pairs that lie `span` values apart, each pair within its own run of 2 * span values.
// Whole vectors at a time and without branches: which of a pair is larger cannot be predicted, and
// the branches that GCC makes of the plain loop cost ten times the work.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"

namespace gloro::kernels {

/// Operands of minmax. `size` is a multiple of 2 * span.
template <std::floating_point Scalar>
struct Pairs {
  Index size = 0, span = 1;
  const Scalar* x = nullptr;
  Scalar* y = nullptr;  ///< may be x
};

/// Operands of minmax_backward. `size` is a multiple of 2 * span.
template <std::floating_point Scalar>
struct PairGradients {
  Index size = 0, span = 1;
  const Scalar* x = nullptr;  ///< minmax's input
  Scalar* dy = nullptr;       ///< the gradient by its output becomes that by its input
};

/// y = x with every pair in ascending order. A pair with a NaN keeps both its values.
template <std::floating_point Scalar>
void minmax(const Pairs<Scalar>& p);

/// Sends every gradient back to where its value came from.
template <std::floating_point Scalar>
void minmax_backward(const PairGradients<Scalar>& p);

}  // namespace gloro::kernels

#ifndef GLORO_COMPILED
#include "gloro/kernels/minmax.ipp"
#endif
