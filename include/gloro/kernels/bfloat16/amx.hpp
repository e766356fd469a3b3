// The product of blocks on AMX, Intel's matrix unit (from Sapphire Rapids on): eight tiles of 16 rows of
// 64 bytes, of which four hold a block's sums. All else is AVX-512.
#pragma once

#include "gloro/kernels/bfloat16/avx512.hpp"

#ifdef GLORO_HAS_BFLOAT16_UNITS

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define GLORO_AMX __attribute__((target("amx-tile,amx-bf16")))

namespace gloro::kernels::bfloat16::amx {

/// Asks the system, once a process, to let it use the tiles.
[[nodiscard]] inline bool is_permitted() {
#ifdef __linux__
  constexpr long request = 0x1023, tiles = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  static const bool granted = ::syscall(SYS_arch_prctl, request, tiles) == 0;
  return granted;
#else
  return false;
#endif
}

/// Eight whole tiles. They belong to the thread, and whoever called us may use them too: so they are
/// configured for a product and let go after it.
GLORO_AMX inline void begin() {
  struct alignas(64) Configuration {
    std::uint8_t palette = 1, start = 0, reserved[14] = {};
    std::uint16_t bytes_of_a_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  };
  static constexpr Configuration whole;
  _tile_loadconfig(&whole);
}
GLORO_AMX inline void end() { _tile_release(); }

/// Between begin() and end().
GLORO_AMX inline void multiply(const BlockSum& p) {
  // The compiler does not know what tiles are loaded from: all that was stored must be in memory.
  __asm__ volatile("" ::: "memory");
  const Index a_bytes = p.a_step * 2, c_bytes = p.c_step * 4;
  const Index second = 16 * p.a_step;
  if (p.adds) {
    _tile_loadd(0, p.c, c_bytes);
    _tile_loadd(1, p.c + 16, c_bytes);
    _tile_loadd(2, p.c + 16 * p.c_step, c_bytes);
    _tile_loadd(3, p.c + 16 * p.c_step + 16, c_bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (Index t = 0; t < p.terms; ++t) {
    const BFloat16* const a = p.a + p.a_offsets[t];
    const BFloat16* const b = p.b + p.b_offsets[t];
    _tile_loadd(4, a, a_bytes);
    _tile_loadd(6, b, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + 512, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + second, a_bytes);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, p.c, c_bytes);
  _tile_stored(1, p.c + 16, c_bytes);
  _tile_stored(2, p.c + 16 * p.c_step, c_bytes);
  _tile_stored(3, p.c + 16 * p.c_step + 16, c_bytes);
}

}  // namespace gloro::kernels::bfloat16::amx

#endif
