// Contraction: a rectangle of sums of products, cut into register tiles and into blocks of terms
// such that rounding errors stay small and operands stay in the nearest cache.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/promises.hpp"
#include "gloro/kernels/simd.hpp"
#include "gloro/kernels/tile.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::kernels {

/// `channels` rounded up to whole vectors.
template <typename Scalar>
[[nodiscard]] Index whole_vectors(Index channels) {
  constexpr Index width = vector_width<Scalar>;
  return (channels + width - 1) / width * width;
}

namespace detail {
/// Products that take some microseconds, longer than to call a thread that watches for work.
inline constexpr Index worth_sharing = Index{1} << 18;

/// In double: an Index may not hold the product.
template <typename... Factors>
[[nodiscard]] bool is_worth_sharing(Factors... factors) {
  return (static_cast<double>(factors) * ...) >= static_cast<double>(worth_sharing);
}
}  // namespace detail

/// c(row, column, j) = start(j) + sum over k < terms of a(row, column, k) * b(k, j) for
/// rows x columns places and j < channels. Steps are in scalars.
template <typename Scalar>
struct Contraction {
  Index rows = 1, columns = 1, channels = 0;
  const Scalar* a = nullptr;
  Index a_row = 0, a_column = 0;
  const Index* offsets = nullptr;  ///< a(row, column, k) stands offsets[k] after the place's first
  Index terms = 0;
  const Scalar* b = nullptr;  ///< readable up to whole_vectors(channels)
  Index b_step = 0;
  const Scalar* start = nullptr;  ///< whole_vectors(channels) values; where null, c is the start
  Scalar* c = nullptr;
  Index c_row = 0, c_column = 0;

  void run() const {
    if (rows == 0 || columns == 0) return;  // an empty batch
    constexpr Index panel = tile_vectors * vector_width<Scalar>;
    const Summation summation(terms);
    const Index row_step = 2 * columns <= tile_rows ? 2 : 1;
    const Index row_size = a_row + columns * panel;
    const Index group = std::max<Index>(1, cached / row_size / row_step) * row_step;
    for (Index j = 0; j < channels; j += panel)
      for (Index first = 0; first < rows; first += group)
        for (Index block = 0; block < summation.blocks; ++block) {
          const Index begin = block * summation.block;
          const Index end = std::min(terms, begin + summation.block);
          for (Index row = first; row < std::min(rows, first + group); row += row_step)
            run_rows({.row = row,
                      .two = row_step == 2 && row + 1 < rows,
                      .channel = j,
                      .begin = begin,
                      .end = end});
        }
  }

  /// The rows shared out among the workers, if there are any and enough to do: the same bits.
  void run(Workers* workers) const {
    if (!workers || !detail::is_worth_sharing(rows, columns, channels, terms)) return run();
    const Index parts = std::min<Index>(workers->threads(), rows);
    const auto part = [&](Index i) {
      Contraction some = *this;
      const Index first = part_begin(rows, i, parts);
      some.rows = part_begin(rows, i + 1, parts) - first;
      some.a += first * a_row;
      some.c += first * c_row;
      some.run();
    };
    workers->for_each(parts, std::cref(part));
  }

 private:
  /// Scalars of a and c that are worked on together: half of a small first-level cache. The other
  /// half is for a block of b.
  static constexpr Index cached = 16384 / static_cast<Index>(sizeof(Scalar));

  /// What a tile computes: one row of places or two, some columns, the channels from one on, and the
  /// terms from `begin` to `end`.
  struct Part {
    Index row;
    bool two;
    Index column = 0, count = 0;
    Index channel;
    Index begin, end;
  };

  /// One row of places, or two where a row is short, in tiles of about the same width.
  void run_rows(Part part) const {
    const Index tiles = (columns + tile_rows - 1) / tile_rows;
    for (Index i = 0; i < tiles; ++i) {
      const Index next = part_begin(columns, i + 1, tiles);
      part.count = next - part.column;
      run_tile(part);
      part.column = next;
    }
  }

  void run_tile(const Part& part) const {
    constexpr Index width = vector_width<Scalar>;
    const Index left = channels - part.channel;
    const Index tile_width = left <= width ? width : tile_vectors * width;
    const Index height = part.two ? 2 * part.count : part.count, half = (height + 1) / 2;
    Tile<Scalar> tile;
    tile.a = a + part.row * a_row + part.column * a_column;
    tile.a_step = a_column;
    tile.a_gap = part.two ? a_row : half * a_column;
    tile.offsets = offsets + part.begin;
    tile.terms = part.end - part.begin;
    tile.b = b + part.begin * b_step + part.channel;
    tile.b_step = b_step;
    tile.c = c + part.row * c_row + part.column * c_column + part.channel;
    tile.c_step = c_column;
    tile.c_gap = part.two ? c_row : half * c_column;
    if (start && part.begin == 0) {
      tile.start = start + part.channel;
    } else {
      tile.start = tile.c;
      tile.start_step = tile.c_step;
      tile.start_gap = tile.c_gap;
    }
    const auto kernel = tile_kernel<Scalar>(height, left <= width);
    if (left >= tile_width)
      kernel(tile);
    else
      run_on_copy(kernel, tile, {.rows = height, .width = tile_width, .channels = left});
  }

  /// Of a tile: its rows, the values that a row has and those that c has room for.
  struct Extents {
    Index rows, width, channels;
  };

  /// For the last channels, which fill no whole vectors: c has no room for the rest.
  static void run_on_copy(TileKernel<Scalar> kernel, Tile<Scalar> tile, Extents extents) {
    Scalar copy[tile_rows * tile_vectors * vector_width<Scalar>] = {};
    const Index half = (extents.rows + 1) / 2;
    Scalar* const c = tile.c;
    const auto place = [&, step = tile.c_step, gap = tile.c_gap](Index i) {
      return c + (i < half ? i * step : gap + (i - half) * step);
    };
    if (tile.start == c) {
      for (Index i = 0; i < extents.rows; ++i)
        std::copy_n(place(i), extents.channels, copy + i * extents.width);
      tile.start = copy;
      tile.start_step = extents.width;
      tile.start_gap = half * extents.width;
    }
    tile.c = copy;
    tile.c_step = extents.width;
    tile.c_gap = half * extents.width;
    kernel(tile);
    for (Index i = 0; i < extents.rows; ++i)
      std::copy_n(copy + i * extents.width, extents.channels, place(i));
  }
};

}  // namespace gloro::kernels
