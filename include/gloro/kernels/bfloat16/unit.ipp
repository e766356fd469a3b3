// The bodies of unit.hpp.
#pragma once

#include "gloro/kernels/bfloat16/unit.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/kernels/bfloat16/amx.hpp"
#include "gloro/kernels/bfloat16/avx512.hpp"
#include "gloro/kernels/bfloat16/neon.hpp"
#include "gloro/kernels/bfloat16/plain.hpp"

#ifdef GLORO_HAS_BFLOAT16_UNITS
#include <cpuid.h>
#endif
#ifdef GLORO_HAS_BFLOAT16_NEON
#include <sys/auxv.h>
#endif

namespace gloro::kernels::bfloat16 {

GLORO_INLINE const char* name_of(Unit unit) {
  constexpr const char* names[] = {"plain C++", "AVX512-BF16", "AMX", "NEON BF16"};
  return names[static_cast<int>(unit)];
}

namespace detail {

struct Units {
  bool avx512 = false, amx = false, neon = false;
  bool is_intel = false;
};

[[nodiscard]] inline Units find_units() {
#ifdef GLORO_HAS_BFLOAT16_UNITS
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned genu = 0x756e6547;  // of GenuineIntel, in leaf 0
  const bool is_intel = __get_cpuid(0, &a, &b, &c, &d) && b == genu;
  // Leaf 1, c: the system says which registers it saves.
  constexpr unsigned system_saves = 1U << 27;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & system_saves)) return {};
  unsigned saved = 0, upper = 0;
  __asm__("xgetbv" : "=a"(saved), "=d"(upper) : "c"(0));
  constexpr unsigned vectors = 0xe6, tiles = 0x60000;
  if ((saved & vectors) != vectors || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return {};
  constexpr unsigned f = 1U << 16, dq = 1U << 17, bw = 1U << 30, vl = 1U << 31;
  constexpr unsigned amx_bf16 = 1U << 22, amx_tile = 1U << 24;
  const bool has_vectors = (b & (f | dq | bw | vl)) == (f | dq | bw | vl);
  const bool has_tiles = (d & (amx_bf16 | amx_tile)) == (amx_bf16 | amx_tile);
  if (!has_vectors || !__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & 1U << 5)) return {};
  return {.avx512 = true,
          .amx = has_tiles && (saved & tiles) == tiles && amx::is_permitted(),
          .is_intel = is_intel};
#elif defined(GLORO_HAS_BFLOAT16_NEON)
  constexpr unsigned long bf16 = 1UL << 14;  // HWCAP2_BF16
  return {.neon = (::getauxval(AT_HWCAP2) & bf16) != 0};
#else
  return {};
#endif
}

[[nodiscard]] inline const Units& units() {
  static const Units found = find_units();
  return found;
}

}  // namespace detail

GLORO_INLINE bool is_there(Unit unit) {
  const detail::Units& units = detail::units();
  return unit == Unit::plain || (unit == Unit::avx512 && units.avx512) ||
         (unit == Unit::amx && units.amx) || (unit == Unit::neon && units.neon);
}

GLORO_INLINE bool pays(Unit unit) {
  return is_there(unit) &&
         (unit == Unit::amx || (unit == Unit::avx512 && !detail::units().is_intel));
}

GLORO_INLINE Unit best_unit() {
  for (const Unit unit : {Unit::amx, Unit::avx512, Unit::neon})
    if (is_there(unit)) return unit;
  return Unit::plain;
}

GLORO_INLINE const Operations& operations(Unit unit) {
  if (!is_there(unit)) throw Error(message("this machine has no ", name_of(unit)));
  static const Operations plain{.begin = [] {},
                                .end = [] {},
                                .multiply = plain::multiply,
                                .finish = plain::finish,
                                .take_back = plain::take_back,
                                .transpose = plain::transpose,
                                .round_filters = plain::round_filters,
                                .gather = plain::gather};
#ifdef GLORO_HAS_BFLOAT16_UNITS
  static const Operations avx512{.begin = plain.begin,
                                 .end = plain.end,
                                 .multiply = avx512::multiply,
                                 .finish = avx512::finish,
                                 .take_back = avx512::take_back,
                                 .transpose = avx512::transpose,
                                 .round_filters = avx512::round_filters,
                                 .gather = avx512::gather};
  static const Operations amx = [] {
    Operations own = avx512;
    own.begin = amx::begin;
    own.end = amx::end;
    own.multiply = amx::multiply;
    return own;
  }();
  if (unit == Unit::avx512) return avx512;
  if (unit == Unit::amx) return amx;
#endif
#ifdef GLORO_HAS_BFLOAT16_NEON
  static const Operations neon = [] {
    Operations own = plain;
    own.multiply = neon::multiply;
    return own;
  }();
  if (unit == Unit::neon) return neon;
#endif
  return plain;
}

}  // namespace gloro::kernels::bfloat16
