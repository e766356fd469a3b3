// The bodies of product_gradients.hpp.
#pragma once

#include "gloro/kernels/product_gradients.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

#include "gloro/core/buffer.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/packing.hpp"
#include "gloro/kernels/simd.hpp"
#include "gloro/kernels/tile.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::kernels {

namespace detail {

/// dx(i) = the scalar product of column i of W with dy, for the first few columns, of one sample.
template <typename Scalar, int... i>
void multiply_columns(TransposedProduct<Scalar> p, std::integer_sequence<int, i...>) {
  constexpr Index width = vector_width<Scalar>;
  Packet<Scalar> sums[] = {broadcast(Scalar(0 * i))...};
  Scalar rest[] = {Scalar(0 * i)...};
  Index k = 0;
  for (; k + width <= p.outputs; k += width) {
    const Packet<Scalar> slopes = load(p.dy + k);
    ((sums[i] = multiply_add(load(p.weights + i * p.outputs + k), slopes, sums[i])), ...);
  }
  for (; k < p.outputs; ++k) ((rest[i] += p.weights[i * p.outputs + k] * p.dy[k]), ...);
  ((p.dx[i] = sum_lanes<Scalar>(sums[i]) + rest[i]), ...);
}

/// Columns that are taken together. A compiler may fuse the last of their sums otherwise than those of one
/// column, so whoever shares columns out keeps these together.
inline constexpr Index columns_together = 8;

/// The same for the columns from `begin`, a multiple of columns_together, to `end`.
template <typename Scalar>
void multiply_columns(const TransposedProduct<Scalar>& p, Index begin, Index end) {
  const auto from = [&p](Index column) {
    TransposedProduct<Scalar> rest = p;
    rest.weights += column * p.outputs;
    rest.dx += column;
    return rest;
  };
  Index i = begin;
  for (; i + columns_together <= end; i += columns_together)
    multiply_columns(from(i), std::make_integer_sequence<int, columns_together>{});
  for (; i < end; ++i) multiply_columns(from(i), std::make_integer_sequence<int, 1>{});
}

/// The same for all columns, shared out.
template <typename Scalar>
void multiply_columns(const TransposedProduct<Scalar>& p, Workers* workers) {
  const Index groups = p.inputs / columns_together;
  const bool shared = workers && groups > 0 && is_worth_sharing(p.outputs, p.inputs);
  if (!shared) return multiply_columns(p, 0, p.inputs);
  const Index parts = std::min<Index>(workers->threads(), groups);
  const auto part = [&](Index i) {
    multiply_columns(
        p, part_begin(groups, i, parts) * columns_together,
        i + 1 < parts ? part_begin(groups, i + 1, parts) * columns_together : p.inputs);
  };
  workers->for_each(parts, std::cref(part));
}

}  // namespace detail

template <std::floating_point Scalar>
void multiply_transposed(const TransposedProduct<Scalar>& p, Workers* workers) {
  const Index outputs = p.outputs, inputs = p.inputs;
  if (p.batch == 1) return detail::multiply_columns(p, workers);
  // A vector holds one value of many samples, and a row of the tile is an input: so W is read once.
  const Index step = whole_vectors<Scalar>(p.batch);
  auto b = detail::zeros<Scalar>(outputs, step);
  pack_transposed<Scalar>({.rows = p.batch,
                           .columns = outputs,
                           .from = p.dy,
                           .from_step = outputs,
                           .to = b.data(),
                           .to_step = step});
  Buffer<Scalar> c(static_cast<std::size_t>(tile_rows * step));
  const auto start = detail::zeros<Scalar>(step);
  const auto offsets = detail::offsets_of({.count = outputs});
  Contraction<Scalar> sum;
  sum.channels = p.batch;
  sum.a_column = outputs;
  sum.offsets = offsets.data();
  sum.terms = outputs;
  sum.b = b.data();
  sum.b_step = step;
  sum.start = start.data();
  sum.c = c.data();
  sum.c_column = step;
  for (Index i = 0; i < inputs; i += tile_rows) {
    sum.columns = std::min<Index>(tile_rows, inputs - i);
    sum.a = p.weights + i * outputs;
    sum.run();
    pack_transposed<Scalar>({.rows = sum.columns,
                             .columns = p.batch,
                             .from = c.data(),
                             .from_step = step,
                             .to = p.dx + i,
                             .to_step = inputs});
  }
}

template <std::floating_point Scalar>
void outer_add(const OuterProduct<Scalar>& p) {
  constexpr Index panel = tile_vectors * vector_width<Scalar>;
  const Index outputs = p.outputs, inputs = p.inputs, batch = p.batch;
  const Index panels = (outputs + panel - 1) / panel;
  auto b = detail::zeros<Scalar>(panels * panel, batch);
  for (Index j = 0; j < panels; ++j)
    pack<Scalar>({.rows = batch,
                  .columns = std::min(panel, outputs - j * panel),
                  .from = p.dy + j * panel,
                  .from_step = outputs,
                  .to = b.data() + j * panel * batch,
                  .to_step = panel});
  const auto offsets = detail::offsets_of({.count = batch, .step = inputs});
  Contraction<Scalar> sum;
  sum.a_column = 1;
  sum.offsets = offsets.data();
  sum.terms = batch;
  sum.b_step = panel;
  sum.c_column = outputs;
  for (Index i = 0; i < inputs; i += tile_rows) {
    Scalar* const rows = p.dweights + i * outputs;
    sum.columns = std::min<Index>(tile_rows, inputs - i);
    sum.a = p.x + i;
    for (Index j = 0; j < panels; ++j) {
      sum.channels = std::min(panel, outputs - j * panel);
      sum.b = b.data() + j * panel * batch;
      sum.c = rows + j * panel;
      if (j + 1 < panels)
        detail::prefetch<Scalar>({.from = sum.c + panel, .step = outputs, .rows = sum.columns});
      else if (i + tile_rows < inputs)
        detail::prefetch<Scalar>({.from = rows + tile_rows * outputs,
                                  .step = outputs,
                                  .rows = std::min<Index>(tile_rows, inputs - i - tile_rows)});
      sum.run();
    }
  }
}

#ifdef GLORO_COMPILING
template void multiply_transposed<float>(const TransposedProduct<float>&, Workers*);
template void multiply_transposed<double>(const TransposedProduct<double>&, Workers*);
template void outer_add<float>(const OuterProduct<float>&);
template void outer_add<double>(const OuterProduct<double>&);
#endif

}  // namespace gloro::kernels
