// One program, one instruction set. Inline functions of the same name are merged when a program is
// linked, Eigen's as well as ours: units compiled for different vector registers would run each
// other's code, on memory aligned for their own. Such a program is refused by the linker. (A user who
// wants a library for every processor finds the way in docs/binaries.md.)
#pragma once

#include <Eigen/Core>

#include "gloro/core/compiled.hpp"
#include "gloro/version.hpp"

#if defined(EIGEN_VECTORIZE_AVX512)
#define GLORO_INSTRUCTION_SET "avx512"
#elif defined(EIGEN_VECTORIZE_AVX)
#define GLORO_INSTRUCTION_SET "avx"
#elif defined(EIGEN_VECTORIZE)
#define GLORO_INSTRUCTION_SET "128_bits"
#else
#define GLORO_INSTRUCTION_SET "scalars"
#endif

#if defined(_WIN32) && defined(__AVX__) && defined(__GNUC__) && !defined(__clang__)
#error "GCC for Windows aligns the stack too little for AVX (its bug 54412): no -mavx, no -march"
#endif

#if defined(_MSC_VER)
#pragma detect_mismatch("gloro_instruction_set", GLORO_INSTRUCTION_SET)
#elif defined(__ELF__) && defined(__GNUC__) && !defined(GLORO_LEVEL)
#define GLORO_SYMBOL "gloro_is_compiled_for_" GLORO_INSTRUCTION_SET
namespace gloro::detail {
/// Never called. Each unit defines a symbol that names its set, in a group of which the linker keeps
/// one in the program, and refers to it: where the group of another set was kept, it finds none.
[[gnu::used]] static void name_instruction_set() {
  __asm__(".ifndef " GLORO_SYMBOL
          "\n"  // once in a file, which link-time optimisation makes of many
          ".pushsection .rodata.gloro_set,\"aG\",%progbits,gloro_instruction_set,comdat\n"
          ".globl " GLORO_SYMBOL
          "\n"
          ".hidden " GLORO_SYMBOL "\n" GLORO_SYMBOL
          ":\n"
          ".long 0\n"
          ".popsection\n"
          ".pushsection .rodata.gloro_unit,\"a\",%progbits\n"
          ".long " GLORO_SYMBOL
          " - .\n"
          ".popsection\n"
          ".endif\n");
}
}  // namespace gloro::detail
#undef GLORO_SYMBOL
#endif

#if defined(GLORO_COMPILED) && defined(__GNUC__) && !defined(GLORO_LEVEL)
namespace gloro::detail {
/// Each unit asks gloro::compiled for a symbol that names the version of these headers and the
/// instruction set it is compiled for: a library of another kind has none, and is not linked.
extern const int library __asm__("gloro_" GLORO_VERSION "_for_" GLORO_INSTRUCTION_SET);
[[gnu::used]] static const int* const its_library = &library;
}  // namespace gloro::detail
#endif

namespace gloro::detail {
/// Of this unit, in a word.
constexpr const char* instruction_set = GLORO_INSTRUCTION_SET;
}  // namespace gloro::detail

#undef GLORO_INSTRUCTION_SET
