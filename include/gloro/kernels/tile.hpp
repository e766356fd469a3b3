// Tile: the register kernel under every convolution and product of this library,
//   c(i, j) = start(i, j) + sum over k of a(i, k) * b(k, j),
// a few rows i by a few vectors of columns j, whose sums stay in registers while k runs.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/simd.hpp"

namespace gloro::kernels {

/// Vectors and rows of a tile: its sums, a row of b and a value of a fill the registers.
inline constexpr int tile_vectors = 2;
inline constexpr int tile_rows =
    broadcasts_early && vector_registers >= 32
        ? (vector_registers - tile_vectors) / (tile_vectors + 1)
        : std::max(1, (vector_registers - tile_vectors - 1) / tile_vectors);

/// Where a tile finds its operands. Steps are in scalars. Rows come in two halves, the second `gap`
/// scalars after the first, so that a tile may hold two short image rows.
template <typename Scalar>
struct Tile {
  const Scalar* a = nullptr;
  Index a_step = 0, a_gap = 0;
  const Index* offsets = nullptr;  ///< a(i, k) stands offsets[k] after a(i, ·)
  Index terms = 0;
  const Scalar* b = nullptr;
  Index b_step = 0;
  const Scalar* start = nullptr;
  Index start_step = 0, start_gap = 0;
  Scalar* c = nullptr;  ///< may be `start`
  Index c_step = 0, c_gap = 0;
};

template <typename Scalar>
using TileKernel = void (*)(const Tile<Scalar>&);

namespace detail {

/// Place of a row: all constants but the steps.
template <int row, int rows>
[[nodiscard]] EIGEN_STRONG_INLINE Index row_place(Index step, Index gap) {
  constexpr int half = (rows + 1) / 2;
  return row < half ? row * step : gap + (row - half) * step;
}

template <typename Scalar, int... n>
EIGEN_STRONG_INLINE void add_products(Packet<Scalar>* sums, const Packet<Scalar>& a,
                                      const Packet<Scalar>* b, std::integer_sequence<int, n...>) {
  ((sums[n] = multiply_add(a, b[n], sums[n])), ...);
}

template <typename Scalar, int... n>
EIGEN_STRONG_INLINE void store_sums(const Packet<Scalar>* sums, const Scalar* start, Scalar* c,
                                    std::integer_sequence<int, n...>) {
  constexpr int width = vector_width<Scalar>;
  (store(c + n * width, add(load(start + n * width), sums[n])), ...);
}

// Every index of `sums` is a constant of a fold expression, so that it lives in registers whatever
// the compiler thinks of unrolling.
template <typename Scalar, int... i, int... n, int... s>
EIGEN_STRONG_INLINE void run_tile(const Tile<Scalar>& tile, std::integer_sequence<int, i...>,
                                  std::integer_sequence<int, n...> vectors,
                                  std::integer_sequence<int, s...>) {
  constexpr int rows = sizeof...(i), count = sizeof...(n), width = vector_width<Scalar>;
  Packet<Scalar> sums[rows * count];
  const Packet<Scalar> zero = broadcast(Scalar(0));
  ((sums[s] = zero), ...);
  const Scalar* b = tile.b;
  const Index step = tile.a_step, gap = tile.a_gap, b_step = tile.b_step;
  const Index* const end = tile.offsets + tile.terms;
  for (const Index* offset = tile.offsets; offset != end; ++offset) {
    const Scalar* const a = tile.a + *offset;
    const Packet<Scalar> row[count] = {load(b + n * width)...};
    (add_products<Scalar>(sums + i * count, broadcast(a[row_place<i, rows>(step, gap)]), row,
                          vectors),
     ...);
    b += b_step;
  }
  (store_sums(sums + i * count, tile.start + row_place<i, rows>(tile.start_step, tile.start_gap),
              tile.c + row_place<i, rows>(tile.c_step, tile.c_gap), vectors),
   ...);
}

template <typename Scalar, int rows, int vectors>
void tile_kernel(const Tile<Scalar>& tile) {
  run_tile(tile, std::make_integer_sequence<int, rows>{},
           std::make_integer_sequence<int, vectors>{},
           std::make_integer_sequence<int, rows * vectors>{});
}

template <typename Scalar, int vectors, int... i>
[[nodiscard]] constexpr auto kernels_by_rows(std::integer_sequence<int, i...>) {
  return std::array<TileKernel<Scalar>, sizeof...(i)>{&tile_kernel<Scalar, i + 1, vectors>...};
}

template <typename Scalar, int... n>
[[nodiscard]] constexpr auto kernels_by_vectors(std::integer_sequence<int, n...>) {
  return std::array<TileKernel<Scalar>, sizeof...(n)>{&tile_kernel<Scalar, 1, n + 1>...};
}

}  // namespace detail

/// The kernel for 1 .. tile_rows rows of one vector, or of tile_vectors of them.
template <typename Scalar>
[[nodiscard]] TileKernel<Scalar> tile_kernel(Index rows, bool one_vector) {
  using Rows = std::make_integer_sequence<int, tile_rows>;
  static constexpr auto narrow = detail::kernels_by_rows<Scalar, 1>(Rows{});
  static constexpr auto wide = detail::kernels_by_rows<Scalar, tile_vectors>(Rows{});
  return (one_vector ? narrow : wide)[static_cast<std::size_t>(rows - 1)];
}

/// The kernel for one row of 1 .. row_vectors vectors: the same sums in the same order.
inline constexpr int row_vectors = 8;
template <typename Scalar>
[[nodiscard]] TileKernel<Scalar> row_kernel(Index vectors) {
  static constexpr auto kernels =
      detail::kernels_by_vectors<Scalar>(std::make_integer_sequence<int, row_vectors>{});
  return kernels[static_cast<std::size_t>(vectors - 1)];
}

}  // namespace gloro::kernels
