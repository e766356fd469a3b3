// The units for bfloat16 that this machine has: plain C++ always, others where they are.
#pragma once

#include <vector>

#include "gloro/kernels/bfloat16/unit.hpp"

namespace bfloat16_units {

inline std::vector<gloro::kernels::bfloat16::Unit> all() {
  using gloro::kernels::bfloat16::Unit;
  std::vector<Unit> there{Unit::plain};
  for (const Unit unit : {Unit::avx512, Unit::amx, Unit::neon})
    if (is_there(unit)) there.push_back(unit);
  return there;
}

}  // namespace bfloat16_units
