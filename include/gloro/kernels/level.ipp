// The choice of a level.
#pragma once

#include "gloro/kernels/level.hpp"

#include "gloro/core/compiled.hpp"

#ifndef GLORO_LEVELS

#include "gloro/core/detail/instruction_set.hpp"

namespace gloro::kernels {
GLORO_INLINE const char* level() { return gloro::detail::instruction_set; }
}  // namespace gloro::kernels

#else

#include <cpuid.h>

#include <cstdlib>
#include <initializer_list>
#include <string_view>

#include "gloro/core/detail/compiled_arithmetic.hpp"
#include "gloro/core/error.hpp"
#include "gloro/kernels/detail/functions.hpp"

namespace gloro::kernels {
namespace detail {

/// The highest level that processor and system have: 1 is any x86-64.
[[nodiscard]] inline int highest_level() {
  const auto all = [](unsigned bits, std::initializer_list<int> wanted) {
    for (const int bit : wanted)
      if (!(bits >> bit & 1)) return false;
    return true;
  };
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 1;
  const unsigned first = c;
  if (!all(first, {0, 9, 13, 19, 20, 23})) return 1;  // SSE3, SSSE3, CX16, SSE4.1, SSE4.2, POPCNT
  // FMA, MOVBE, the system's XSAVE, AVX, F16C
  if (!all(first, {12, 22, 27, 28, 29})) return 2;
  unsigned saved = 0, upper = 0;
  __asm__("xgetbv" : "=a"(saved), "=d"(upper) : "c"(0));
  if ((saved & 0x6) != 0x6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 2;
  const unsigned seventh = b;
  if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !all(c, {5})) return 2;  // LZCNT
  if (!all(seventh, {3, 5, 8})) return 2;                                  // BMI1, AVX2, BMI2
  const bool has_v4 = all(seventh, {16, 17, 28, 30, 31});  // AVX-512 F, DQ, CD, BW, VL
  return has_v4 && (saved & 0xe6) == 0xe6 ? 4 : 3;
}

struct Level {
  const char* name;
  const Functions* functions;
};

[[nodiscard]] inline Level chosen_level() {
  static constexpr Level levels[] = {{"x86-64", &gloro_kernels_x86_64},
                                     {"x86-64-v2", &gloro_kernels_x86_64_v2},
                                     {"x86-64-v3", &gloro_kernels_x86_64_v3},
                                     {"x86-64-v4", &gloro_kernels_x86_64_v4}};
  const int highest = highest_level();
  const char* const wanted = std::getenv("GLORO_KERNELS");
  if (!wanted || !*wanted) return levels[highest - 1];
  for (int l = 0; l < 4; ++l) {
    if (std::string_view(wanted) != levels[l].name) continue;
    if (l >= highest)
      throw Error(message("GLORO_KERNELS is ", wanted, ", but this processor has no more than ",
                          levels[highest - 1].name));
    return levels[l];
  }
  throw Error(
      message("GLORO_KERNELS is ", wanted, ": expected x86-64, x86-64-v2, x86-64-v3 or x86-64-v4"));
}

/// Chosen once, and asked then what every other unit is asked when the program starts.
[[nodiscard]] inline const Level& the_level() {
  static const Level chosen = [] {
    const Level level = chosen_level();
    if (const char* fault = level.functions->arithmetic_fault())
      gloro::detail::arithmetic_fault = fault;
    return level;
  }();
  return chosen;
}

}  // namespace detail

const char* level() { return detail::the_level().name; }

const detail::Functions& detail::chosen_functions() { return *the_level().functions; }

}  // namespace gloro::kernels

#endif
