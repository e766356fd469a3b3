// Products of a dense layer: W x + b, its transpose and the gradient of W. W is outputs x inputs, x
// is inputs x batch, y is outputs x batch, all column-major (outputs fastest in W, so that a column
// of W is what one input value adds to the outputs). All are contractions over packed blocks.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <utility>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/packing.hpp"
#include "gloro/kernels/simd.hpp"
#include "gloro/kernels/tile.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::kernels {

/// No product of `multiply`, and no bias, passes through more roundings than this, its own
/// multiplication counted.
[[nodiscard]] inline Index product_depth(Index inputs) { return Summation(inputs).depth(); }

namespace detail {

/// Asks for a panel of `rows` rows before it is needed: what stands far away arrives during the
/// work that comes first.
template <typename Scalar>
void prefetch_panel(const Scalar* from, Index step, Index rows) {
  for (Index i = 0; i < rows; ++i)
    for (Index n = 0; n < tile_vectors; ++n) prefetch(from + i * step + n * vector_width<Scalar>);
}

/// y(j) = start(j) + sum over k of W(j, k) x(k) for the whole vectors of outputs from `begin` to
/// `end`, one sample: W is read once, where it stands.
template <typename Scalar>
void multiply_sample(Index outputs, Index inputs, const Scalar* weights, const Scalar* start,
                     const Scalar* x, Scalar* y, Index begin, Index end) {
  constexpr Index width = vector_width<Scalar>;
  const Summation summation(inputs);
  const auto offsets = equal_steps(summation.block, 1);
  Tile<Scalar> tile;
  tile.offsets = offsets.data();
  tile.b_step = outputs;
  for (Index k = 0; k < inputs; k += summation.block)
    for (Index j = begin; j < end; j += row_vectors * width) {
      tile.a = x + k;
      tile.terms = std::min(summation.block, inputs - k);
      tile.b = weights + k * outputs + j;
      tile.c = y + j;
      tile.start = k == 0 ? start + j : tile.c;
      row_kernel<Scalar>(std::min<Index>(row_vectors, (end - j) / width))(tile);
    }
}

/// dx(i) = the scalar product of column i of W with dy, for a few columns at a time.
template <typename Scalar, int... i>
void multiply_columns(Index outputs, const Scalar* weights, const Scalar* dy, Scalar* dx,
                      std::integer_sequence<int, i...>) {
  constexpr Index width = vector_width<Scalar>;
  Packet<Scalar> sums[] = {broadcast(Scalar(0 * i))...};
  Scalar rest[] = {Scalar(0 * i)...};
  Index k = 0;
  for (; k + width <= outputs; k += width) {
    const Packet<Scalar> slopes = load(dy + k);
    ((sums[i] = multiply_add(load(weights + i * outputs + k), slopes, sums[i])), ...);
  }
  for (; k < outputs; ++k) ((rest[i] += weights[i * outputs + k] * dy[k]), ...);
  ((dx[i] = sum_lanes<Scalar>(sums[i]) + rest[i]), ...);
}

}  // namespace detail

/// y = W x + bias. `bias` may be null. With `workers` they share out the outputs of each of a few
/// samples. The bits of a sample depend neither on its batch nor on the workers.
template <std::floating_point Scalar>
void multiply(Index outputs, Index inputs, const Scalar* weights, const Scalar* bias,
              const Scalar* x, Scalar* y, Index batch, Workers* workers = nullptr) {
  constexpr Index width = vector_width<Scalar>, panel = tile_vectors * width;
  const Summation summation(inputs);
  auto start = detail::zeros<Scalar>(whole_vectors<Scalar>(outputs));
  if (bias) std::copy_n(bias, outputs, start.data());
  if (batch < tile_rows / 2 && outputs >= width) {  // too few samples to be worth packing W
    const Index vectors = outputs / width;
    const bool shared = workers && detail::is_worth_sharing(outputs, inputs);
    const Index parts = shared ? std::min<Index>(workers->threads(), vectors) : 1;
    for (Index n = 0; n < batch; ++n) {
      const auto columns = [&](Index begin, Index end) {
        detail::multiply_sample(outputs, inputs, weights, start.data(), x + n * inputs,
                                y + n * outputs, begin, end);
      };
      const auto part = [&](Index i) {
        columns(vectors * i / parts * width, vectors * (i + 1) / parts * width);
      };
      if (shared)
        workers->for_each(parts, std::cref(part));
      else
        part(0);
      // Takes some sums again, from the start.
      if (vectors * width < outputs) columns(outputs - width, outputs);
    }
    return;
  }
  Buffer<Scalar> a(static_cast<std::size_t>(checked_product(batch, summation.block)));
  auto b = detail::zeros<Scalar>(panel * summation.block);
  const auto offsets = detail::equal_steps(summation.block, 1);
  Contraction<Scalar> sum;
  sum.columns = batch;
  sum.a = a.data();
  sum.a_column = summation.block;
  sum.offsets = offsets.data();
  sum.b = b.data();
  sum.b_step = panel;
  sum.c_column = outputs;
  for (Index k = 0; k < inputs; k += summation.block) {
    sum.terms = std::min(summation.block, inputs - k);
    detail::pack(x + k, inputs, batch, sum.terms, a.data(), summation.block);
    for (Index j = 0; j < outputs; j += panel) {
      sum.channels = std::min(panel, outputs - j);
      detail::pack(weights + k * outputs + j, outputs, sum.terms, sum.channels, b.data(), panel);
      if (j + panel < outputs)
        detail::prefetch_panel(weights + k * outputs + j + panel, outputs, sum.terms);
      else
        detail::prefetch_panel(weights + (k + sum.terms) * outputs, outputs,
                               std::min(summation.block, inputs - k - sum.terms));
      sum.start = k == 0 ? start.data() + j : nullptr;
      sum.c = y + j;
      sum.run();
    }
  }
}

/// dx = W^T dy: dx is overwritten.
template <std::floating_point Scalar>
void multiply_transposed(Index outputs, Index inputs, const Scalar* weights, const Scalar* dy,
                         Scalar* dx, Index batch) {
  if (batch == 1) {
    constexpr Index together = 8;
    const Index whole = inputs / together * together;
    for (Index i = 0; i < whole; i += together)
      detail::multiply_columns(outputs, weights + i * outputs, dy, dx + i,
                               std::make_integer_sequence<int, together>{});
    for (Index i = whole; i < inputs; ++i)
      detail::multiply_columns(outputs, weights + i * outputs, dy, dx + i,
                               std::make_integer_sequence<int, 1>{});
    return;
  }
  // A vector holds one value of many samples, and a row of the tile is an input: so W is read once.
  const Index step = whole_vectors<Scalar>(batch);
  auto b = detail::zeros<Scalar>(outputs, step);
  detail::pack_transposed(dy, outputs, batch, outputs, b.data(), step);
  Buffer<Scalar> c(static_cast<std::size_t>(tile_rows * step));
  const auto start = detail::zeros<Scalar>(step);
  const auto offsets = detail::equal_steps(outputs, 1);
  Contraction<Scalar> sum;
  sum.channels = batch;
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
    sum.a = weights + i * outputs;
    sum.run();
    detail::pack_transposed(c.data(), step, sum.columns, batch, dx + i, inputs);
  }
}

/// dweights += dy x^T, summed over the batch.
template <std::floating_point Scalar>
void outer_add(Index outputs, Index inputs, const Scalar* dy, const Scalar* x, Scalar* dweights,
               Index batch) {
  constexpr Index panel = tile_vectors * vector_width<Scalar>;
  const Index panels = (outputs + panel - 1) / panel;
  auto b = detail::zeros<Scalar>(panels * panel, batch);
  for (Index j = 0; j < panels; ++j)
    detail::pack(dy + j * panel, outputs, batch, std::min(panel, outputs - j * panel),
                 b.data() + j * panel * batch, panel);
  const auto offsets = detail::equal_steps(batch, inputs);
  Contraction<Scalar> sum;
  sum.a_column = 1;
  sum.offsets = offsets.data();
  sum.terms = batch;
  sum.b_step = panel;
  sum.c_column = outputs;
  for (Index i = 0; i < inputs; i += tile_rows) {
    sum.columns = std::min<Index>(tile_rows, inputs - i);
    sum.a = x + i;
    for (Index j = 0; j < panels; ++j) {
      sum.channels = std::min(panel, outputs - j * panel);
      sum.b = b.data() + j * panel * batch;
      sum.c = dweights + i * outputs + j * panel;
      if (j + 1 < panels)
        detail::prefetch_panel(sum.c + panel, outputs, sum.columns);
      else if (i + tile_rows < inputs)
        detail::prefetch_panel(dweights + (i + tile_rows) * outputs, outputs,
                               std::min<Index>(tile_rows, inputs - i - tile_rows));
      sum.run();
    }
  }
}

}  // namespace gloro::kernels
