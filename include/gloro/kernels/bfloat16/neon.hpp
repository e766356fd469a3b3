// The product of blocks by ARM's BFMMLA (BF16 of ARMv8.6: Neoverse V1 and N2, Apple M2, and later): sums of 2 x 2 are
// four products long at a time. GCC compiles it into every program for 64-bit ARM Linux, whatever that
// is compiled for otherwise; it is called only where the processor has it (unit.hpp). All else is plain C++.
#pragma once

// Clang declares the instructions only where it may use them everywhere.
#if defined(__aarch64__) && defined(__AARCH64EL__) && defined(__linux__) && defined(__GNUC__) && \
    (!defined(__clang__) || defined(__ARM_FEATURE_BF16_VECTOR_ARITHMETIC))
#define GLORO_HAS_BFLOAT16_NEON 1

#include <arm_neon.h>

#include <cstring>

#include "gloro/kernels/bfloat16/block.hpp"

#ifdef __clang__
#define GLORO_NEON
#else
#define GLORO_NEON __attribute__((target("arch=armv8.2-a+bf16")))
#endif

namespace gloro::kernels::bfloat16::neon {

namespace detail {

/// Eight numbers, as four pairs.
GLORO_NEON inline uint32x4_t load(const BFloat16* from) {
  uint32x4_t pairs;
  std::memcpy(&pairs, from, sizeof(pairs));
  return pairs;
}

/// Four numbers of one row and four of the next.
GLORO_NEON inline bfloat16x8_t load_rows(const BFloat16* from, Index step) {
  std::uint64_t first, second;
  std::memcpy(&first, from, sizeof(first));
  std::memcpy(&second, from + step, sizeof(second));
  return vreinterpretq_bf16_u64(vcombine_u64(vcreate_u64(first), vcreate_u64(second)));
}

}  // namespace detail

/// Eight rows by eight columns at a time: sixteen registers of sums, (row, column), (row, column + 1) and
/// the same of the next row.
GLORO_NEON inline void multiply(const BlockSum& p) {
  for (Index row = 0; row < side; row += 8)
    for (Index column = 0; column < side; column += 8) {
      float* const c = p.c + row * p.c_step + column;
      float32x4_t sums[4][4];
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) {
          const float* const from = c + 2 * i * p.c_step + 2 * j;
          sums[i][j] =
              p.adds ? vcombine_f32(vld1_f32(from), vld1_f32(from + p.c_step)) : vdupq_n_f32(0);
        }
      for (Index t = 0; t < p.terms; ++t) {
        const BFloat16* const a = p.a + p.a_offsets[t] + row * p.a_step;
        const BFloat16* const b = p.b + p.b_offsets[t];
        for (Index k = 0; k < side; k += 4) {
          // Pairs of the terms k and k + 1 and of the next two, side by side for two columns.
          const BFloat16* const first = b + in_pairs(k, column);
          const BFloat16* const second = b + in_pairs(k + 2, column);
          bfloat16x8_t columns[4];
#pragma GCC unroll 2
          for (int j = 0; j < 2; ++j) {
            const uint32x4_t early = detail::load(first + 8 * j),
                             late = detail::load(second + 8 * j);
            columns[2 * j] = vreinterpretq_bf16_u32(vzip1q_u32(early, late));
            columns[2 * j + 1] = vreinterpretq_bf16_u32(vzip2q_u32(early, late));
          }
#pragma GCC unroll 4
          for (int i = 0; i < 4; ++i) {
            const bfloat16x8_t rows = detail::load_rows(a + 2 * i * p.a_step + k, p.a_step);
#pragma GCC unroll 4
            for (int j = 0; j < 4; ++j) sums[i][j] = vbfmmlaq_f32(sums[i][j], rows, columns[j]);
          }
        }
      }
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) {
          float* const to = c + 2 * i * p.c_step + 2 * j;
          vst1_f32(to, vget_low_f32(sums[i][j]));
          vst1_f32(to + p.c_step, vget_high_f32(sums[i][j]));
        }
    }
}

}  // namespace gloro::kernels::bfloat16::neon

#endif
