// The bodies of minmax.hpp.
#pragma once

#include "gloro/kernels/minmax.hpp"

#include "gloro/kernels/simd.hpp"

namespace gloro::kernels {

namespace detail {

/// The values of `from` go to `to`, each pair swapped unless x is ascending there. `to` may be
/// `from`; `x` may be `to` only if it is `from`.
template <typename Scalar>
struct PairOrder {
  Index size, span;
  const Scalar* x;
  const Scalar* from;
  Scalar* to;
};

// Orders are passed by value: a vector that is stored might otherwise be one of their members.

template <typename Scalar>
void order_one_by_one(PairOrder<Scalar> o, Index begin) {
  for (Index run = begin; run < o.size; run += 2 * o.span)
    for (Index i = run, j = run + o.span; i < run + o.span; ++i, ++j) {
      const bool ascending = o.x[i] < o.x[j];
      const Scalar a = o.from[i], b = o.from[j];
      o.to[i] = ascending ? a : b;
      o.to[j] = ascending ? b : a;
    }
}

/// Both values of a pair in one vector.
template <typename Scalar>
void order_neighbours(PairOrder<Scalar> o) {
  constexpr Index width = vector_width<Scalar>;
  const Packet<Scalar> even = even_lanes<Scalar>();
  Index i = 0;
  for (; i + width <= o.size; i += width) {
    const Packet<Scalar> key = load(o.x + i), other = swap_pairs<Scalar>(key);
    const Packet<Scalar> ascending = less(select(even, key, other), select(even, other, key));
    const Packet<Scalar> value = load(o.from + i);
    store(o.to + i, select(ascending, value, swap_pairs<Scalar>(value)));
  }
  order_one_by_one(o, i);
}

/// A span of whole vectors.
template <typename Scalar>
void order_vectors(PairOrder<Scalar> o) {
  for (Index run = 0; run < o.size; run += 2 * o.span)
    for (Index i = run; i < run + o.span; i += vector_width<Scalar>) {
      const Packet<Scalar> ascending = less(load(o.x + i), load(o.x + i + o.span));
      const Packet<Scalar> a = load(o.from + i), b = load(o.from + i + o.span);
      store(o.to + i, select(ascending, a, b));
      store(o.to + i + o.span, select(ascending, b, a));
    }
}

template <typename Scalar>
void order_pairs(PairOrder<Scalar> o) {
  constexpr Index width = vector_width<Scalar>;
  if constexpr (width > 1) {
    if (o.span == 1) return order_neighbours(o);
    if (o.span % width == 0) return order_vectors(o);
  }
  order_one_by_one(o, 0);
}

}  // namespace detail

template <std::floating_point Scalar>
void minmax(const Pairs<Scalar>& p) {
  detail::order_pairs<Scalar>({p.size, p.span, p.x, p.x, p.y});
}

template <std::floating_point Scalar>
void minmax_backward(const PairGradients<Scalar>& p) {
  detail::order_pairs<Scalar>({p.size, p.span, p.x, p.dy, p.dy});
}

#ifdef GLORO_COMPILING
template void minmax<float>(const Pairs<float>&);
template void minmax<double>(const Pairs<double>&);
template void minmax_backward<float>(const PairGradients<float>&);
template void minmax_backward<double>(const PairGradients<double>&);
#endif

}  // namespace gloro::kernels
