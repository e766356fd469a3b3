// MinMax of pairs that lie `span` values apart, each pair within its own run of 2 * span values.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"

namespace gloro::kernels {

/// y = x with every pair in ascending order; y may be x. A pair with a NaN keeps both its values.
template <std::floating_point Scalar>
void minmax(const Scalar* x, Scalar* y, Index size, Index span) {
  if (span == 1) {  // a loop of its own: compilers turn the fixed stride into shuffles
    for (Index i = 0; i < size; i += 2) {
      const Scalar a = x[i], b = x[i + 1];
      y[i] = a < b ? a : b;
      y[i + 1] = a < b ? b : a;
    }
    return;
  }
  for (Index run = 0; run < size; run += 2 * span)
    for (Index i = run; i < run + span; ++i) {
      const Scalar a = x[i], b = x[i + span];
      y[i] = a < b ? a : b;
      y[i + span] = a < b ? b : a;
    }
}

/// Sends every gradient back to where its value came from, in place: `x` is minmax's input.
template <std::floating_point Scalar>
void minmax_backward(const Scalar* x, Scalar* dy, Index size, Index span) {
  if (span == 1) {
    for (Index i = 0; i < size; i += 2) {
      const Scalar low = dy[i], high = dy[i + 1];
      const bool ascending = x[i] < x[i + 1];
      dy[i] = ascending ? low : high;
      dy[i + 1] = ascending ? high : low;
    }
    return;
  }
  for (Index run = 0; run < size; run += 2 * span)
    for (Index i = run; i < run + span; ++i) {
      const Scalar low = dy[i], high = dy[i + span];
      const bool ascending = x[i] < x[i + span];
      dy[i] = ascending ? low : high;
      dy[i + span] = ascending ? high : low;
    }
}

}  // namespace gloro::kernels
