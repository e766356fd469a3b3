// Two labelled answers that cannot both hold: their labels differ, yet their balls meet. One pair
// of these is a proof that a certifier is unsound.
#pragma once

#include <concepts>

#include "gloro/certify/certificate.hpp"
#include "gloro/core/shape.hpp"

namespace gloro::attack {

/// Answer a at x and answer b at y, points of `size` values. True only if they contradict each
/// other: the claims cover a common point, which would then have two unique top classes.
template <std::floating_point Scalar>
[[nodiscard]] bool contradict(const Certificate& a, const Scalar* x, const Certificate& b,
                              const Scalar* y, Index size);

}  // namespace gloro::attack

#ifndef GLORO_COMPILED
#include "gloro/attack/contradiction.ipp"
#endif
