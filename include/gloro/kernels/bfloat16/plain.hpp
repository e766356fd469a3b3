// The operations on blocks in plain C++: on every machine, slowly. The other units are held against it.
#pragma once

#include <algorithm>
#include <utility>

#include "gloro/kernels/bfloat16/block.hpp"

namespace gloro::kernels::bfloat16::plain {

inline void multiply(const BlockSum& p) {
  for (Index i = 0; i < side; ++i) {
    float sums[side] = {};
    if (p.adds) std::copy_n(p.c + i * p.c_step, side, sums);
    for (Index t = 0; t < p.terms; ++t)
      for (Index k = 0; k < side; k += 2) {
        const BFloat16* const a = p.a + p.a_offsets[t] + i * p.a_step + k;
        const float first = value_of(a[0]), second = value_of(a[1]);
        for (Index half = 0; half < 2; ++half) {
          const BFloat16* const b = p.b + p.b_offsets[t] + in_pairs(k, half * 16);
          for (Index j = 0; j < 16; ++j)
            sums[half * 16 + j] += first * value_of(b[2 * j]) + second * value_of(b[2 * j + 1]);
        }
      }
    std::copy_n(sums, side, p.c + i * p.c_step);
  }
}

inline void finish(const Finish& p) {
  for (Index i = 0; i < side; ++i) {
    BFloat16* const y = p.y + i * p.y_step;
    for (Index j = 0; j < side; ++j) y[j] = rounded(p.sums[i * side + j] + p.bias[j]);
    if (!p.swapped) continue;
    unsigned swapped = 0;
    for (Index pair = 0; pair < side / 2; ++pair)
      if (!(value_of(y[2 * pair]) < value_of(y[2 * pair + 1]))) {
        std::swap(y[2 * pair], y[2 * pair + 1]);
        swapped |= 1U << pair;
      }
    p.swapped[i] = static_cast<std::uint16_t>(swapped);
  }
}

inline void take_back(const Slopes& p) {
  float sums[side] = {};
  for (Index i = 0; i < side; ++i) {
    BFloat16* const dy = p.dy + i * p.dy_step;
    if (p.swapped)
      for (Index pair = 0; pair < side / 2; ++pair)
        if (p.swapped[i] >> pair & 1) std::swap(dy[2 * pair], dy[2 * pair + 1]);
    for (Index j = 0; j < side; ++j) {
      p.pairs[in_pairs(i, j)] = dy[j];
      sums[j] += value_of(dy[j]);
    }
  }
  for (Index j = 0; j < side; ++j) p.sums[j] += sums[j];
}

inline void transpose(const Transposition& p) {
  for (Index i = 0; i < side; ++i)
    for (Index j = 0; j < side; ++j) p.to[j * side + i] = p.from[i * p.from_step + j];
}

inline void round_filters(const FilterBlock& p) {
  for (Index i = 0; i < side; ++i)
    for (Index j = 0; j < side; ++j) {
      const BFloat16 weight = rounded(p.from[i * p.from_step + j]);
      p.pairs[in_pairs(i, j)] = weight;
      p.transposed_pairs[in_pairs(j, i)] = weight;
    }
}

inline void gather(const Patch& p) {
  for (Index n = 0; n < side; ++n) {
    BFloat16* to = p.to + n * p.to_step;
    BFloat16* const end = to + p.to_step;
    for (Index r = 0; r < p.runs; ++r)
      to = std::copy_n(p.from + n * p.sample_step + r * p.run_step, p.run, to);
    std::fill(to, end, BFloat16{});
  }
}

}  // namespace gloro::kernels::bfloat16::plain
