// MinMax of pairs that lie `span` values apart, each pair within its own run of 2 * span values.
// Whole vectors at a time and without branches: which of a pair is larger cannot be predicted, and
// the branches that GCC makes of the plain loop cost ten times the work.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/simd.hpp"

namespace gloro::kernels {
namespace detail {

/// Calls pair(i, j) for every pair of `size` values from `begin` on.
template <typename Pair>
void for_each_pair(Index begin, Index size, Index span, Pair&& pair) {
  for (Index run = begin; run < size; run += 2 * span)
    for (Index i = run; i < run + span; ++i) pair(i, i + span);
}

/// Writes to y the values of `from`, which may be y, each pair swapped unless x is ascending there.
/// `x` may be y only if it is `from`.
template <typename Scalar>
void order_pairs(const Scalar* x, const Scalar* from, Scalar* y, Index size, Index span) {
  constexpr Index width = vector_width<Scalar>;
  const auto order = [=](Index i, Index j) {
    const bool ascending = x[i] < x[j];
    const Scalar a = from[i], b = from[j];
    y[i] = ascending ? a : b;
    y[j] = ascending ? b : a;
  };
  if constexpr (width > 1) {
    if (span == 1) {
      const Packet<Scalar> even = even_lanes<Scalar>();
      Index i = 0;
      for (; i + width <= size; i += width) {
        const Packet<Scalar> key = load(x + i), other = swap_pairs<Scalar>(key);
        const Packet<Scalar> ascending =
            less(select(even, key, other), select(even, other, key));
        const Packet<Scalar> value = load(from + i);
        store(y + i, select(ascending, value, swap_pairs<Scalar>(value)));
      }
      for_each_pair(i, size, 1, order);
      return;
    }
    if (span % width == 0) {
      for (Index run = 0; run < size; run += 2 * span)
        for (Index i = run; i < run + span; i += width) {
          const Packet<Scalar> ascending = less(load(x + i), load(x + i + span));
          const Packet<Scalar> a = load(from + i), b = load(from + i + span);
          store(y + i, select(ascending, a, b));
          store(y + i + span, select(ascending, b, a));
        }
      return;
    }
  }
  for_each_pair(0, size, span, order);
}

}  // namespace detail

/// y = x with every pair in ascending order; y may be x. A pair with a NaN keeps both its values.
template <std::floating_point Scalar>
void minmax(const Scalar* x, Scalar* y, Index size, Index span) {
  detail::order_pairs(x, x, y, size, span);
}

/// Sends every gradient back to where its value came from, in place: `x` is minmax's input.
template <std::floating_point Scalar>
void minmax_backward(const Scalar* x, Scalar* dy, Index size, Index span) {
  detail::order_pairs(x, dy, dy, size, span);
}

}  // namespace gloro::kernels
