// Power iteration: the *estimate* of a linear map's spectral norm that training uses.
//
// Alternating u = A v, v = A^T u / ||A^T u|| converges to the top right singular vector, and ||A v||
// to the norm from below: cheap, differentiable (d ||A v|| / dA = u v^T, u = A v / ||A v||), and
// never a certificate. The vector is kept between training steps, while A moves little
// (Farnia et al. 2019; Leino et al. 2021, section 3).
#pragma once

#include <concepts>
#include <limits>

#include "gloro/core/random.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro::lipschitz {

/// A unit vector drawn uniformly from the sphere: almost surely not orthogonal to any fixed one.
template <std::floating_point Scalar>
[[nodiscard]] Vector<Scalar> random_unit_vector(Index size, Random& random) {
  Vector<double> vector(size);
  for (auto& value : vector) value = random.normal();
  return vector.normalized().template cast<Scalar>();
}

/// `iterations` steps on the unit vector `v`. `apply(v) -> u` and `transposed(u) -> v` are the map and
/// its adjoint. Where the map sends v to zero (or overflows) v is left as it is.
template <typename Vec, typename Apply, typename Transposed>
void power_iteration(Vec& v, int iterations, Apply&& apply, Transposed&& transposed) {
  for (int i = 0; i < iterations; ++i) {
    auto next = transposed(apply(v));
    const auto norm = next.stableNorm();
    if (!(norm > 0 && norm < std::numeric_limits<decltype(norm)>::infinity())) return;
    v = next / norm;
  }
}

}  // namespace gloro::lipschitz
