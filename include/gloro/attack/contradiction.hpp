// Two labelled answers that cannot both hold: their labels differ, yet their balls meet. One pair
// of these is a proof that a certifier is unsound.
#pragma once

#include <cmath>
#include <concepts>

#include "gloro/attack/detail/distance.hpp"
#include "gloro/certify/certificate.hpp"

namespace gloro::attack {

/// Answer a at x and answer b at y, points of `size` values. True only if they contradict each
/// other: the claims cover a common point, which would then have two unique top classes.
template <std::floating_point Scalar>
[[nodiscard]] bool contradict(const Certificate& a, const Scalar* x, const Certificate& b,
                              const Scalar* y, Index size) {
  if (a.abstains() || b.abstains() || a.label == b.label) return false;
  // Open balls meet where the distance is below the sum of the radii; the sum is rounded down.
  return is_closer(x, y, size, std::nextafter(a.radius + b.radius, 0.0));
}

}  // namespace gloro::attack
