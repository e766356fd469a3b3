// The bodies of contradiction.hpp.
#pragma once

#include "gloro/attack/contradiction.hpp"

#include <cmath>

#include "gloro/attack/detail/distance.hpp"

namespace gloro::attack {

template <std::floating_point Scalar>
bool contradict(const Certificate& a, const Scalar* x, const Certificate& b, const Scalar* y,
                Index size) {
  if (a.abstains() || b.abstains() || a.label == b.label) return false;
  // Open balls meet where the distance is below the sum of the radii; the sum is rounded down.
  return is_closer(x, y, size, std::nextafter(a.radius + b.radius, 0.0));
}

#ifdef GLORO_COMPILING
template bool contradict<float>(const Certificate&, const float*, const Certificate&, const float*,
                                Index);
template bool contradict<double>(const Certificate&, const double*, const Certificate&,
                                 const double*, Index);
#endif

}  // namespace gloro::attack
