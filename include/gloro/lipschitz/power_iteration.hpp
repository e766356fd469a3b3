// Power iteration: the *estimate* of a linear map's spectral norm that training uses.
//
// Alternating u = A v, v = A^T u / ||A^T u|| converges to the top right singular vector, and ||A v||
// to the norm from below: cheap, differentiable (d ||A v|| / dA = u v^T, u = A v / ||A v||), and
// never a certificate. The vector is kept between training steps, while A moves little
// (Farnia et al. 2019; Leino et al. 2021, section 3).
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <limits>

#include "gloro/core/random.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/contraction.hpp"
#include "gloro/parallel/workers.hpp"

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

namespace detail {

/// body(first, end) for all of `count`, in ranges that begin with a multiple of `strip`, one a worker; or once
/// for the whole if there are no workers, or too little for them.
template <std::floating_point Scalar, typename Body>
void in_strips(const Matrix<Scalar>& weight, Index count, Index strip, Workers* workers,
               const Body& body) {
  const bool shared = workers && kernels::detail::is_worth_sharing(weight.rows(), weight.cols());
  const Index strips = count / strip;
  const Index parts = shared ? std::clamp<Index>(strips, 1, workers->threads()) : 1;
  if (parts == 1) return body(0, count);
  const auto part = [&](Index i) {
    body(part_begin(strips, i, parts) * strip,
         i + 1 < parts ? part_begin(strips, i + 1, parts) * strip : count);
  };
  workers->for_each(parts, std::cref(part));
}

}  // namespace detail

// Products by one column, said as such: Eigen compiles a matrix product several times as long.

/// W v. With `workers` the rows of a large W are shared out among them: the same bits.
template <std::floating_point Scalar>
[[nodiscard]] Vector<Scalar> product(const Matrix<Scalar>& weight,
                                     const Eigen::Ref<const Vector<Scalar>>& v,
                                     Workers* workers = nullptr) {
  constexpr Index strip = 64;  // whole vectors on every machine: no row is summed otherwise
  Vector<Scalar> u(weight.rows());
  detail::in_strips(weight, weight.rows(), strip, workers, [&](Index first, Index end) {
    u.segment(first, end - first).noalias() = weight.middleRows(first, end - first) * v;
  });
  return u;
}

/// W^T u, the columns of a large W shared out.
template <std::floating_point Scalar>
[[nodiscard]] Vector<Scalar> transposed_product(const Matrix<Scalar>& weight,
                                                const Vector<Scalar>& u,
                                                Workers* workers = nullptr) {
  constexpr Index strip = 8;  // columns that Eigen takes together, where there are as many
  Vector<Scalar> v(weight.cols());
  detail::in_strips(weight, weight.cols(), strip, workers, [&](Index first, Index end) {
    v.segment(first, end - first).noalias() = weight.middleCols(first, end - first).transpose() * u;
  });
  return v;
}

}  // namespace gloro::lipschitz
