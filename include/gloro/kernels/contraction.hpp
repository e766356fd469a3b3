// Contraction: the one loop behind every convolution and product of this library,
//   c(i, j) = start(i, j) + sum over k of a(i + offset(k)) * b(k, j),
// a tile of rows i by vectors of columns j held in registers while k runs.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/simd.hpp"

namespace gloro::kernels {

/// Terms that are summed one after the other before the sum is folded into the total: a rounding
/// error grows with the longest chain of additions, block + terms / block instead of terms.
inline constexpr Index summation_block = BLOCK;

/// How `terms` terms are summed: `blocks` blocks of at most `block` terms, one after the other.
struct Summation {
  Index blocks;
  Index block;

  explicit Summation(Index terms)
      : blocks(std::max<Index>(1, (terms + summation_block - 1) / summation_block)),
        block((terms + blocks - 1) / blocks) {}

  /// No product, and no start value, passes through more roundings.
  [[nodiscard]] Index depth() const { return block + blocks; }
};

/// Rows and vectors of a register tile: accumulators, a vector of b each and one of a in registers.
inline constexpr int tile_vectors = 2;
inline constexpr int tile_rows =
    std::max(1, (vector_registers - tile_vectors - 1) / tile_vectors);

/// One tile. Its rows come in two halves, the second `..._gap` scalars after the first, so that a
/// tile may hold two short image rows.
template <typename Scalar>
struct Tile {
  const Scalar* a;
  Index a_step, a_gap;
  const Index* offsets;
  Index terms;
  const Scalar* b;
  Index b_step;
  const Scalar* start;
  Index start_step, start_gap;
  Scalar* c;
  Index c_step, c_gap;
};

namespace detail {

template <typename Scalar, int rows, int vectors>
struct TileKernel {
  static constexpr int half = (rows + 1) / 2;
  static constexpr int width = vector_width<Scalar>;

  static void run(const Tile<Scalar>& tile) {
    run(tile, std::make_integer_sequence<int, rows>{},
        std::make_integer_sequence<int, vectors>{});
  }

 private:
  static EIGEN_STRONG_INLINE Index place(int row, Index step, Index gap) {
    return row < half ? row * step : gap + (row - half) * step;
  }

  template <int... n>
  static EIGEN_STRONG_INLINE void accumulate(Packet<Scalar>* sums, const Packet<Scalar>& a,
                                             const Packet<Scalar>* b,
                                             std::integer_sequence<int, n...>) {
    ((sums[n] = multiply_add(a, b[n], sums[n])), ...);
  }

  template <int... n>
  static EIGEN_STRONG_INLINE void finish(const Packet<Scalar>* sums, const Scalar* start, Scalar* c,
                                         std::integer_sequence<int, n...>) {
    (store(c + n * width, add(load(start + n * width), sums[n])), ...);
  }

  // Every index is a constant of the fold expressions, so that all sums live in registers whatever
  // the compiler thinks of unrolling.
  template <int... i, int... n>
  static EIGEN_STRONG_INLINE void run(const Tile<Scalar>& tile, std::integer_sequence<int, i...>,
                                      std::integer_sequence<int, n...> all) {
    Packet<Scalar> sums[rows][vectors];
    const auto zero = broadcast(Scalar(0));
    (clear(sums[i], zero, all), ...);
    const Scalar* b = tile.b;
    const Index step = tile.a_step, gap = tile.a_gap;
    for (const Index *offset = tile.offsets, *end = offset + tile.terms; offset != end; ++offset) {
      const Scalar* a = tile.a + *offset;
      const Packet<Scalar> columns[vectors] = {load(b + n * width)...};
      (accumulate(sums[i], broadcast(a[place(i, step, gap)]), columns, all), ...);
      b += tile.b_step;
    }
    (finish(sums[i], tile.start + place(i, tile.start_step, tile.start_gap),
            tile.c + place(i, tile.c_step, tile.c_gap), all),
     ...);
  }

  template <int... n>
  static EIGEN_STRONG_INLINE void clear(Packet<Scalar>* sums, const Packet<Scalar>& zero,
                                        std::integer_sequence<int, n...>) {
    ((sums[n] = zero), ...);
  }
};

template <typename Scalar>
using TileFunction = void (*)(const Tile<Scalar>&);

template <typename Scalar, int vectors, int... i>
constexpr std::array<TileFunction<Scalar>, sizeof...(i)> tile_functions(
    std::integer_sequence<int, i...>) {
  return {&TileKernel<Scalar, i + 1, vectors>::run...};
}

/// Kernels for 1 .. tile_rows rows of `vectors` vectors.
template <typename Scalar, int vectors>
inline constexpr auto tile_table =
    tile_functions<Scalar, vectors>(std::make_integer_sequence<int, tile_rows>{});

}  // namespace detail

/// c(row, column, j) = start(j) + sum over k < terms of a(row, column, offset(k)) * b(k, j)
/// for rows x columns places and j < channels; where `start` is null, c itself is the start.
template <typename Scalar>
struct Contraction {
  Index rows, columns, channels;
  const Scalar* a;
  Index a_row, a_column;  ///< scalars from one row, one column to the next
  const Index* offsets;
  Index terms;
  const Scalar* b;
  Index b_step;  ///< scalars from one term to the next: b has whole vectors, padded(channels) of them
  const Scalar* start;  ///< padded(channels) scalars, or null
  Scalar* c;
  Index c_row, c_column;

  /// `channels` rounded up to whole vectors.
  [[nodiscard]] static Index padded(Index channels) {
    constexpr Index width = vector_width<Scalar>;
    return (channels + width - 1) / width * width;
  }

  void run() const {
    constexpr Index width = vector_width<Scalar>;
    const Summation summation(terms);
    const Index row_step = 2 * columns <= tile_rows ? 2 : 1;
    const Index row_bytes = (std::abs(a_row) + columns * tile_vectors * width) *
                            static_cast<Index>(sizeof(Scalar));
    const Index group = std::max<Index>(1, group_bytes / row_bytes / row_step) * row_step;
    for (Index j = 0; j < channels; j += tile_vectors * width)
      for (Index row = 0; row < rows; row += group)
        for (Index block = 0; block < summation.blocks; ++block)
          for (Index r = row; r < std::min(rows, row + group); r += row_step)
            run_row(r, row_step == 2 && r + 1 < rows, j, block * summation.block,
                    std::min(terms, (block + 1) * summation.block));
  }

 private:
  static constexpr Index group_bytes = GROUP;

  void run_row(Index row, bool pair, Index channel, Index begin, Index end) const {
    const Index tiles = (columns + tile_rows - 1) / tile_rows;
    for (Index i = 0, column = 0; i < tiles; ++i) {
      const Index next = columns * (i + 1) / tiles;
      run_tile(row, column, next - column, pair, channel, begin, end);
      column = next;
    }
  }

  void run_tile(Index row, Index column, Index count, bool pair, Index channel, Index begin,
                Index end) const {
    constexpr Index width = vector_width<Scalar>;
    const Index height = pair ? 2 * count : count;
    const Index half = (height + 1) / 2;
    const Index left = channels - channel;
    const bool narrow = left <= width;
    const auto kernel =
        narrow ? detail::tile_table<Scalar, 1>[static_cast<std::size_t>(height - 1)]
               : detail::tile_table<Scalar, tile_vectors>[static_cast<std::size_t>(height - 1)];
    Tile<Scalar> tile;
    tile.a = a + row * a_row + column * a_column;
    tile.a_step = a_column;
    tile.a_gap = pair ? a_row : half * a_column;
    tile.offsets = offsets + begin;
    tile.terms = end - begin;
    tile.b = b + begin * b_step + channel;
    tile.b_step = b_step;
    tile.c = c + row * c_row + column * c_column + channel;
    tile.c_step = c_column;
    tile.c_gap = pair ? c_row : half * c_column;
    if (start && begin == 0) {
      tile.start = start + channel;
      tile.start_step = tile.start_gap = 0;
    } else {
      tile.start = tile.c;
      tile.start_step = tile.c_step;
      tile.start_gap = tile.c_gap;
    }
    const Index tile_width = narrow ? width : tile_vectors * width;
    if (left >= tile_width) {
      kernel(tile);
      return;
    }
    // The last channels fill no whole vector: work on a copy.
    Scalar copy[tile_rows * tile_vectors * width];
    const auto place = [&](Index i) {
      return i < half ? i * tile.c_step : tile.c_gap + (i - half) * tile.c_step;
    };
    Scalar* const target = tile.c;
    if (tile.start == tile.c) {
      for (Index i = 0; i < height; ++i)
        for (Index j = 0; j < tile_width; ++j)
          copy[i * tile_width + j] = j < left ? target[place(i) + j] : Scalar(0);
      tile.start = copy;
      tile.start_step = tile_width;
      tile.start_gap = half * tile_width;
    }
    Tile<Scalar> inner = tile;
    inner.c = copy;
    inner.c_step = tile_width;
    inner.c_gap = half * tile_width;
    kernel(inner);
    for (Index i = 0; i < height; ++i) std::copy_n(copy + i * tile_width, left, target + place(i));
  }
};

}  // namespace gloro::kernels
