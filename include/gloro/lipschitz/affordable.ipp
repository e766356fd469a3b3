// The bodies of affordable.hpp.
#pragma once

#include "gloro/lipschitz/affordable.hpp"

#include <algorithm>

#include "gloro/core/compiled.hpp"

namespace gloro::lipschitz {

GLORO_INLINE bool is_affordable(double multiplications, double values, double weights) {
  constexpr double for_any = 2e9, for_each_weight = 1e7, at_most = 1e13;
  constexpr double most_values = 1 << 26;
  return values <= most_values &&
         multiplications <= std::min(at_most, std::max(for_any, for_each_weight * weights));
}

GLORO_INLINE int affordable_steps(int most, double values, double weights) {
  const double worth = std::max(0x1p24, 0x1p10 * weights) / std::max(1.0, values);
  return static_cast<int>(std::clamp<double>(worth, std::min(10, most), most));
}

}  // namespace gloro::lipschitz
