// What a matrix unit does to a block of 32 x 32 values in training. All loops above are written in terms of
// these few operations; a unit (plain.hpp, avx512.hpp, amx.hpp, neon.hpp) says how it does them.
//
// Two orders of a block of 1,024 values are used. "Rows": each row's 32 values together. "Pairs": two
// rows at a time, interleaved, in halves of 16 columns, (half, row / 2, column, row % 2): what the second
// operand of a bfloat16 product looks like on every such unit.
#pragma once

#include <cstdint>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/bfloat16/number.hpp"

namespace gloro::kernels::bfloat16 {

/// Rows and columns of a block, and products of a term.
inline constexpr Index side = 32;
inline constexpr Index block_size = side * side;

/// c(i, j) = the sum over terms t and k of a_t(i, k) b_t(k, j), in float.
struct BlockSum {
  Index terms = 0;
  const BFloat16* a = nullptr;  ///< rows so far apart:
  Index a_step = side;
  const Index* a_offsets = nullptr;  ///< a_t begins a_offsets[t] after a
  const BFloat16* b = nullptr;       ///< in pairs
  const Index* b_offsets = nullptr;
  float* c = nullptr;
  Index c_step = side;
  bool adds = false;  ///< to what c holds
};

/// Sums in float become activations: y = sums + bias, rounded, each pair of neighbours in ascending order
/// if asked for. Rounding is monotonic, so that sorting afterwards is MinMax rounded.
struct Finish {
  const float* sums = nullptr;  ///< a block
  const float* bias = nullptr;  ///< a row of one
  BFloat16* y = nullptr;
  Index y_step = side;
  std::uint16_t* swapped = nullptr;  ///< null: not sorted; else a row each, a bit a swapped pair
};

/// The gradient by activations on its way back: pairs that were swapped go back in place, all is laid in
/// pairs for the filters' gradient, and the sums over samples are added for the bias.
struct Slopes {
  BFloat16* dy = nullptr;
  Index dy_step = side;
  const std::uint16_t* swapped = nullptr;  ///< null: nothing was sorted
  BFloat16* pairs = nullptr;
  float* sums = nullptr;  ///< a row
};

struct Transposition {
  const BFloat16* from = nullptr;
  Index from_step = side;
  BFloat16* to = nullptr;  ///< a block in rows
};

/// Filters in float, a row an input channel, become second operands: in pairs, and their transpose too.
struct FilterBlock {
  const float* from = nullptr;
  Index from_step = side;
  BFloat16* pairs = nullptr;
  BFloat16* transposed_pairs = nullptr;
};

/// What a small kernel sees from one place, of 32 samples: `runs` rows of an image, each of `run` values.
struct Patch {
  const BFloat16* from = nullptr;  ///< the first run of the first sample
  Index sample_step = 0, run_step = 0;
  Index runs = 1, run = 1;
  BFloat16* to = nullptr;  ///< a row a sample, filled up with zeros to
  Index to_step = side;    ///< this many values, a multiple of 32
};

/// Where the element (row, column) of a block in pairs stands.
[[nodiscard]] constexpr Index in_pairs(Index row, Index column) {
  return ((column / 16 * 16 + row / 2) * 16 + column % 16) * 2 + row % 2;
}

}  // namespace gloro::kernels::bfloat16
