// Products of a dense layer: W x + b, its transpose and the gradient of W. W is outputs x inputs, x
// is inputs x batch, y is outputs x batch, all column-major (outputs fastest in W, so that a column
// of W is what one input value adds to the outputs). All are contractions over packed blocks.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <utility>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/kernels/simd.hpp"

namespace gloro::kernels {

/// No product of `multiply` passes through more roundings than this: its own multiplication, the
/// additions and the bias counted.
[[nodiscard]] inline Index product_depth(Index inputs) { return Summation(inputs).depth(); }

namespace detail {

/// `rows` x `columns` values, `from_step` apart, copied to rows `to_step` apart. Powers of two
/// between rows would map them all to the same few cache lines.
template <typename Scalar>
void pack(const Scalar* from, Index from_step, Index rows, Index columns, Scalar* to,
          Index to_step) {
  constexpr Index width = vector_width<Scalar>;
  for (Index i = 0; i < rows; ++i) {
    const Scalar* const row = from + i * from_step;
    Scalar* const packed = to + i * to_step;
    Index j = 0;
    for (; j + width <= columns; j += width) store(packed + j, load(row + j));
    for (; j < columns; ++j) packed[j] = row[j];
  }
}

/// Asks for `rows` rows of a panel before they are needed: what comes from far away arrives during
/// the work before.
template <typename Scalar>
void fetch_panel(const Scalar* from, Index step, Index rows) {
  for (Index i = 0; i < rows; ++i)
    for (Index n = 0; n < tile_vectors; ++n) prefetch(from + i * step + n * vector_width<Scalar>);
}

/// The transpose of `rows` x `columns` values, in square pieces that stay in registers.
template <typename Scalar>
void pack_transposed(const Scalar* from, Index from_step, Index rows, Index columns, Scalar* to,
                     Index to_step) {
  constexpr Index piece = 8;
  for (Index i = 0; i < rows; i += piece)
    for (Index j = 0; j < columns; j += piece)
      for (Index jj = j; jj < std::min(columns, j + piece); ++jj)
        for (Index ii = i; ii < std::min(rows, i + piece); ++ii)
          to[jj * to_step + ii] = from[ii * from_step + jj];
}

/// y(j) = start(j) + sum over k of W(j, k) x(k) for the 1 to 8 whole vectors of outputs that begin
/// at each of begin, begin + 8 vectors, ... up to end: W is read once, where it stands, with the
/// blocks of the sum outermost. Every output has the bits that `multiply` gives it in a batch.
template <typename Scalar>
void multiply_vectors(Index outputs, Index inputs, const Scalar* weights, const Scalar* start,
                      const Scalar* x, Scalar* y, Index begin, Index end) {
  static constexpr auto kernels = []<int... n>(std::integer_sequence<int, n...>) {
    return std::array<TileFunction<Scalar>, 8>{&TileKernel<Scalar, 1, n + 1>::run...};
  }(std::make_integer_sequence<int, 8>{});
  constexpr Index width = vector_width<Scalar>;
  const Summation summation(inputs);
  Buffer<Index> offsets(static_cast<std::size_t>(summation.block));
  std::iota(offsets.data(), offsets.data() + summation.block, Index{0});
  Tile<Scalar> tile{};
  tile.offsets = offsets.data();
  tile.b_step = outputs;
  for (Index k = 0; k < inputs; k += summation.block)
    for (Index j = begin; j < end; j += 8 * width) {
      tile.a = x + k;
      tile.terms = std::min(summation.block, inputs - k);
      tile.b = weights + k * outputs + j;
      tile.c = y + j;
      tile.start = k == 0 ? start + j : tile.c;
      kernels[static_cast<std::size_t>(std::min<Index>(8, (end - j) / width) - 1)](tile);
    }
}

}  // namespace detail

/// y = W x + bias. `bias` may be null.
template <std::floating_point Scalar>
void multiply(Index outputs, Index inputs, const Scalar* weights, const Scalar* bias,
              const Scalar* x, Scalar* y, Index batch) {
  constexpr Index panel = tile_vectors * vector_width<Scalar>;
  const Summation summation(inputs);
  Buffer<Scalar> start(static_cast<std::size_t>(whole_vectors<Scalar>(outputs)));
  std::fill_n(start.data(), start.size(), Scalar(0));
  if (bias) std::copy_n(bias, outputs, start.data());
  constexpr Index width = vector_width<Scalar>;
  if (batch < tile_rows / 2 && outputs >= width) {  // too few samples to be worth packing W
    const Index whole = outputs / width * width;
    for (Index n = 0; n < batch; ++n) {
      const auto part = [&](Index begin, Index end) {
        detail::multiply_vectors(outputs, inputs, weights, start.data(), x + n * inputs,
                                 y + n * outputs, begin, end);
      };
      part(0, whole);
      if (whole < outputs) part(outputs - width, outputs);  // does some sums again, all from start
    }
    return;
  }
  Buffer<Scalar> a(static_cast<std::size_t>(batch * summation.block));
  Buffer<Scalar> b(static_cast<std::size_t>(panel * summation.block));
  std::fill_n(b.data(), b.size(), Scalar(0));
  Buffer<Index> offsets(static_cast<std::size_t>(summation.block));
  std::iota(offsets.data(), offsets.data() + summation.block, Index{0});

  Contraction<Scalar> sum;
  sum.rows = 1;
  sum.columns = batch;
  sum.a = a.data();
  sum.a_row = sum.c_row = 0;
  sum.a_column = summation.block;
  sum.offsets = offsets.data();
  sum.b = b.data();
  sum.b_step = panel;
  sum.c_column = outputs;
  for (Index begin = 0; begin < inputs; begin += summation.block) {
    sum.terms = std::min(summation.block, inputs - begin);
    detail::pack(x + begin, inputs, batch, sum.terms, a.data(), summation.block);
    for (Index j = 0; j < outputs; j += panel) {
      sum.channels = std::min(panel, outputs - j);
      detail::pack(weights + begin * outputs + j, outputs, sum.terms, sum.channels, b.data(),
                   panel);
      if (j + panel < outputs)
        detail::fetch_panel(weights + begin * outputs + j + panel, outputs, sum.terms);
      else
        detail::fetch_panel(weights + (begin + sum.terms) * outputs, outputs,
                            std::min(summation.block, inputs - begin - sum.terms));
      sum.start = begin == 0 ? start.data() + j : nullptr;
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
    using View = Eigen::Map<const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>>;
    using Column = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
    Eigen::Map<Column>(dx, inputs).noalias() =
        View(weights, outputs, inputs).transpose() * Eigen::Map<const Column>(dy, outputs);
    return;
  }
  // Here a vector holds one value of many samples, and a row of the tile is an input.
  const Index padded = whole_vectors<Scalar>(batch);
  Buffer<Scalar> b(static_cast<std::size_t>(outputs * padded));
  std::fill_n(b.data(), b.size(), Scalar(0));
  detail::pack_transposed(dy, outputs, batch, outputs, b.data(), padded);
  Buffer<Scalar> c(static_cast<std::size_t>(tile_rows * padded));
  Buffer<Scalar> start(static_cast<std::size_t>(padded));
  std::fill_n(start.data(), start.size(), Scalar(0));
  Buffer<Index> offsets(static_cast<std::size_t>(outputs));
  std::iota(offsets.data(), offsets.data() + outputs, Index{0});

  Contraction<Scalar> sum;
  sum.rows = 1;
  sum.channels = batch;
  sum.a_row = sum.c_row = 0;
  sum.a_column = outputs;
  sum.offsets = offsets.data();
  sum.terms = outputs;
  sum.b = b.data();
  sum.b_step = padded;
  sum.start = start.data();
  sum.c = c.data();
  sum.c_column = padded;
  for (Index i = 0; i < inputs; i += tile_rows) {
    sum.columns = std::min<Index>(tile_rows, inputs - i);
    sum.a = weights + i * outputs;
    sum.run();
    detail::pack_transposed(c.data(), padded, sum.columns, batch, dx + i, inputs);
  }
}

/// dweights += dy x^T, summed over the batch.
template <std::floating_point Scalar>
void outer_add(Index outputs, Index inputs, const Scalar* dy, const Scalar* x, Scalar* dweights,
               Index batch) {
  constexpr Index panel = tile_vectors * vector_width<Scalar>;
  const Index panels = (outputs + panel - 1) / panel;
  Buffer<Scalar> b(static_cast<std::size_t>(panels * panel * batch));
  std::fill_n(b.data(), b.size(), Scalar(0));
  for (Index j = 0; j < panels; ++j)
    detail::pack(dy + j * panel, outputs, batch, std::min(panel, outputs - j * panel),
                 b.data() + j * panel * batch, panel);
  Buffer<Index> offsets(static_cast<std::size_t>(batch));
  for (Index n = 0; n < batch; ++n) offsets.data()[n] = n * inputs;

  Contraction<Scalar> sum;
  sum.rows = 1;
  sum.a_row = sum.c_row = 0;
  sum.a_column = 1;
  sum.offsets = offsets.data();
  sum.terms = batch;
  sum.b_step = panel;
  sum.start = nullptr;
  sum.c_column = outputs;
  for (Index i = 0; i < inputs; i += tile_rows)
    for (Index j = 0; j < panels; ++j) {
      sum.columns = std::min<Index>(tile_rows, inputs - i);
      sum.channels = std::min(panel, outputs - j * panel);
      sum.a = x + i;
      sum.b = b.data() + j * panel * batch;
      sum.c = dweights + i * outputs + j * panel;
      if (j + 1 < panels)
        detail::fetch_panel(sum.c + panel, outputs, sum.columns);
      else
        detail::fetch_panel(dweights + (i + tile_rows) * outputs, outputs,
                            std::min<Index>(tile_rows, inputs - i - tile_rows));
      sum.run();
    }
}

}  // namespace gloro::kernels
