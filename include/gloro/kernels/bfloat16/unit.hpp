// Unit: what multiplies bfloat16 here, found out when the program runs.
#pragma once

#include "gloro/kernels/bfloat16/block.hpp"

namespace gloro::kernels::bfloat16 {

/// Units add up in different orders and round denormal numbers differently: each has bits of its own.
enum class Unit { plain, avx512, amx, neon };

[[nodiscard]] const char* name_of(Unit unit);

/// Whether this machine has it.
[[nodiscard]] bool is_there(Unit unit);

/// Whether it multiplies faster than this machine multiplies floats. Intel's AVX512-BF16 does not: 0.64 as
/// fast as the float kernels, measured on Sapphire Rapids. NEON's was not measured on a processor.
[[nodiscard]] bool pays(Unit unit);

/// The fastest that this machine has; plain C++ if it has none.
[[nodiscard]] Unit best_unit();

/// How a unit does what block.hpp describes.
struct Operations {
  void (*begin)() = nullptr;  ///< before products, in the thread that takes them
  void (*end)() = nullptr;    ///< after them
  void (*multiply)(const BlockSum&) = nullptr;
  void (*finish)(const Finish&) = nullptr;
  void (*take_back)(const Slopes&) = nullptr;
  void (*transpose)(const Transposition&) = nullptr;
  void (*round_filters)(const FilterBlock&) = nullptr;
  void (*gather)(const Patch&) = nullptr;
};

/// Throws Error if the machine does not have it.
[[nodiscard]] const Operations& operations(Unit unit);

}  // namespace gloro::kernels::bfloat16

#ifndef GLORO_COMPILED
#include "gloro/kernels/bfloat16/unit.ipp"
#endif
