// What a bound may cost. A network's extents are words in a file: a few hundred bytes describe images
// of millions of pixels. So what is spent on a layer's bounds grows with its weights, which the file
// must have, and beyond that the quick bound stands in (lipschitz/detail/quick_bound.hpp).
#pragma once

#include <algorithm>
#include <cstdint>

namespace gloro::lipschitz {

/// Whether a bound of a layer with so many weights is worth so many multiplications and `values`
/// doubles of memory. Up to some seconds for any layer, for one of a million weights up to an hour; all
/// layers of the networks that we know from papers lie far within.
[[nodiscard]] constexpr bool is_affordable(double multiplications, double values, double weights) {
  constexpr double for_any = 2e9, for_each_weight = 1e7, at_most = 1e13;
  constexpr double most_values = 1 << 26;
  return values <= most_values &&
         multiplications <= std::min(at_most, std::max(for_any, for_each_weight * weights));
}

/// As many of `most` steps of power iteration, ten at least, as are worth it where one sample has
/// `values` values in all layers together.
[[nodiscard]] constexpr int affordable_steps(int most, double values, double weights) {
  const double worth = std::max(0x1p24, 0x1p10 * weights) / std::max(1.0, values);
  return static_cast<int>(std::clamp<double>(worth, std::min(10, most), most));
}

}  // namespace gloro::lipschitz
