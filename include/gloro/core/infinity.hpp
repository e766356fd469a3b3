// Infinity, the bound that certifies nothing and the radius that nothing ends.
#pragma once

#include <limits>

namespace gloro {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace gloro
