// The operations on blocks with AVX-512 and its bfloat16 instructions (Intel from Cooper Lake, AMD from
// Zen 4 on). Compiled into every program for x86-64, whatever it is compiled for otherwise, and called
// only where the processor has them (unit.hpp). Not by GCC for Windows, which leaves the stack less aligned
// than it then writes to (its bug 54412).
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && (defined(__clang__) || !defined(_WIN32))
#define GLORO_HAS_BFLOAT16_UNITS 1

#include <immintrin.h>

#include <cstring>

#include "gloro/kernels/bfloat16/block.hpp"
#include "gloro/kernels/bfloat16/plain.hpp"

// GCC 12's own header makes undefined vectors in a way that it warns of itself (its bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define GLORO_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))

namespace gloro::kernels::bfloat16::avx512 {

namespace detail {

GLORO_AVX512 inline __m512i load(const BFloat16* from) { return _mm512_loadu_si512(from); }
GLORO_AVX512 inline void store(BFloat16* to, __m512i values) { _mm512_storeu_si512(to, values); }

/// 16 floats and 16 more as 32 bfloat16.
GLORO_AVX512 inline __m512i round(__m512 first, __m512 second) {
  return (__m512i)_mm512_cvtne2ps_pbh(second, first);  // NOLINT: vectors are cast so
}

/// Indices that interleave the halves of a vector of 32, or, from `first` on, of two such vectors.
GLORO_AVX512 inline __m512i interleaved(Index first, Index apart) {
  alignas(64) std::uint16_t index[side];
  for (Index q = 0; q < 16; ++q) {
    index[2 * q] = static_cast<std::uint16_t>(first + q);
    index[2 * q + 1] = static_cast<std::uint16_t>(first + q + apart);
  }
  return _mm512_load_si512(index);
}

/// Rows become columns: 16 x 16 values of 32 bits.
GLORO_AVX512 inline void transpose(__m512i (&rows)[16]) {
  __m512i a[16], b[16];
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  // b[4 i + j] has, in each quarter q, column 4 q + j of the rows 4 i to 4 i + 3.
  for (int j = 0; j < 4; ++j) {
    const __m512i even = _mm512_shuffle_i32x4(b[j], b[4 + j], 0x88);
    const __m512i odd = _mm512_shuffle_i32x4(b[j], b[4 + j], 0xdd);
    const __m512i later_even = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0x88);
    const __m512i later_odd = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0xdd);
    rows[j] = _mm512_shuffle_i32x4(even, later_even, 0x88);
    rows[4 + j] = _mm512_shuffle_i32x4(odd, later_odd, 0x88);
    rows[8 + j] = _mm512_shuffle_i32x4(even, later_even, 0xdd);
    rows[12 + j] = _mm512_shuffle_i32x4(odd, later_odd, 0xdd);
  }
}

}  // namespace detail

GLORO_AVX512 inline void multiply(const BlockSum& p) {
  constexpr int rows = 8;  // whose sums, and a row of b, stay in registers
  for (Index first = 0; first < side; first += rows) {
    __m512 sums[rows][2];
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i)
      for (Index half = 0; half < 2; ++half)
        sums[i][half] = p.adds ? _mm512_loadu_ps(p.c + (first + i) * p.c_step + 16 * half)
                               : _mm512_setzero_ps();
    for (Index t = 0; t < p.terms; ++t) {
      const BFloat16* const a = p.a + p.a_offsets[t] + first * p.a_step;
      const BFloat16* const b = p.b + p.b_offsets[t];
      for (Index k = 0; k < side / 2; ++k) {
        const auto b0 = (__m512bh)detail::load(b + k * 32);        // NOLINT
        const auto b1 = (__m512bh)detail::load(b + 512 + k * 32);  // NOLINT
#pragma GCC unroll 8
        for (int i = 0; i < rows; ++i) {
          int pair;
          std::memcpy(&pair, a + i * p.a_step + 2 * k, sizeof(pair));
          const auto both = (__m512bh)_mm512_set1_epi32(pair);  // NOLINT
          sums[i][0] = _mm512_dpbf16_ps(sums[i][0], both, b0);
          sums[i][1] = _mm512_dpbf16_ps(sums[i][1], both, b1);
        }
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i)
      for (Index half = 0; half < 2; ++half)
        _mm512_storeu_ps(p.c + (first + i) * p.c_step + 16 * half, sums[i][half]);
  }
}

GLORO_AVX512 inline void finish(const Finish& p) {
  const __m512 bias0 = _mm512_loadu_ps(p.bias), bias1 = _mm512_loadu_ps(p.bias + 16);
  const __m512i upper = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  for (Index i = 0; i < side; ++i) {
    const float* const sums = p.sums + i * side;
    __m512i y = detail::round(_mm512_add_ps(_mm512_loadu_ps(sums), bias0),
                              _mm512_add_ps(_mm512_loadu_ps(sums + 16), bias1));
    if (p.swapped) {  // a pair of numbers is 32 bits: turned by half of them, it is swapped
      const __m512 first = _mm512_castsi512_ps(_mm512_slli_epi32(y, 16));
      const __m512 second = _mm512_castsi512_ps(_mm512_and_si512(y, upper));
      const __mmask16 swapped = _mm512_cmp_ps_mask(first, second, _CMP_NLT_UQ);
      y = _mm512_mask_rol_epi32(y, swapped, y, 16);
      p.swapped[i] = swapped;
    }
    detail::store(p.y + i * p.y_step, y);
  }
}

GLORO_AVX512 inline void take_back(const Slopes& p) {
  const __m512i upper = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  const __m512i low = detail::interleaved(0, 32), high = detail::interleaved(16, 32);
  __m512 even = _mm512_setzero_ps(), odd = _mm512_setzero_ps();
  for (Index i = 0; i < side; i += 2) {
    __m512i rows[2];
#pragma GCC unroll 2
    for (int r = 0; r < 2; ++r) {
      BFloat16* const dy = p.dy + (i + r) * p.dy_step;
      rows[r] = detail::load(dy);
      if (p.swapped) {
        rows[r] = _mm512_mask_rol_epi32(rows[r], p.swapped[i + r], rows[r], 16);
        detail::store(dy, rows[r]);
      }
      even = _mm512_add_ps(even, _mm512_castsi512_ps(_mm512_slli_epi32(rows[r], 16)));
      odd = _mm512_add_ps(odd, _mm512_castsi512_ps(_mm512_and_si512(rows[r], upper)));
    }
    detail::store(p.pairs + i / 2 * 32, _mm512_permutex2var_epi16(rows[0], low, rows[1]));
    detail::store(p.pairs + 512 + i / 2 * 32, _mm512_permutex2var_epi16(rows[0], high, rows[1]));
  }
  alignas(64) float sums[2][16];
  _mm512_store_ps(sums[0], even);
  _mm512_store_ps(sums[1], odd);
  for (Index j = 0; j < 16; ++j) {
    p.sums[2 * j] += sums[0][j];
    p.sums[2 * j + 1] += sums[1][j];
  }
}

GLORO_AVX512 inline void transpose(const Transposition& p) {
  // Pairs of samples; quarter q has the channels 8 q to 8 q + 3, or + 4 to + 7.
  __m512i low[16], high[16];
  for (Index i = 0; i < 16; ++i) {
    const __m512i first = detail::load(p.from + 2 * i * p.from_step);
    const __m512i second = detail::load(p.from + (2 * i + 1) * p.from_step);
    low[i] = _mm512_unpacklo_epi16(first, second);
    high[i] = _mm512_unpackhi_epi16(first, second);
  }
  detail::transpose(low);
  for (Index i = 0; i < 16; ++i) detail::store(p.to + (i / 4 * 8 + i % 4) * side, low[i]);
  detail::transpose(high);
  for (Index i = 0; i < 16; ++i) detail::store(p.to + (i / 4 * 8 + 4 + i % 4) * side, high[i]);
}

GLORO_AVX512 inline void round_filters(const FilterBlock& p) {
  const __m512i order = detail::interleaved(0, 16);
  __m512i rows[2][16];  // each row's 16 pairs of columns
  for (Index half = 0; half < 2; ++half)
    for (Index i = 0; i < 16; ++i) {
      const float* const from = p.from + (16 * half + i) * p.from_step;
      rows[half][i] = detail::round(_mm512_loadu_ps(from), _mm512_loadu_ps(from + 16));
    }
  for (Index half = 0; half < 2; ++half)
    for (Index i = 0; i < 16; i += 2) {
      const __m512i first = rows[half][i], second = rows[half][i + 1];
      BFloat16* const to = p.pairs + (16 * half + i) / 2 * 32;
      detail::store(to, _mm512_permutexvar_epi16(
                            order, _mm512_inserti64x4(first, _mm512_castsi512_si256(second), 1)));
      detail::store(to + 512,
                    _mm512_permutexvar_epi16(
                        order, _mm512_inserti64x4(second, _mm512_extracti64x4_epi64(first, 1), 0)));
    }
  for (Index half = 0; half < 2; ++half) {
    detail::transpose(rows[half]);
    for (Index i = 0; i < 16; ++i)
      detail::store(p.transposed_pairs + half * 512 + i * 32, rows[half][i]);
  }
}

/// Where a patch fits one vector: each run is loaded to its place, what is not of it masked out.
GLORO_AVX512 inline void gather(const Patch& p) {
  if (p.to_step > side) return plain::gather(p);
  const __mmask32 run = static_cast<__mmask32>((std::uint64_t{1} << p.run) - 1);
  for (Index n = 0; n < side; ++n) {
    const BFloat16* from = p.from + n * p.sample_step;
    __m512i values = _mm512_maskz_loadu_epi16(run, from);
    for (Index r = 1; r < p.runs; ++r) {
      from += p.run_step;
      const Index place = r * p.run;
      const auto mask = static_cast<__mmask32>(run << place);
      values = _mm512_mask_loadu_epi16(values, mask, from - place);
    }
    detail::store(p.to + n * p.to_step, values);
  }
}

}  // namespace gloro::kernels::bfloat16::avx512

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif
