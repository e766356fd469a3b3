// Lanczos: the largest eigenvalue of a symmetric map from the Krylov space of a random vector, with
// full reorthogonalisation (Golub and Van Loan, chapter 10). Where power iteration needs thousands of
// steps for the crowded spectrum of a convolution, this needs some dozens. An estimate from below.
#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <utility>

#include "gloro/core/random.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/lipschitz/power_iteration.hpp"

namespace gloro::lipschitz {

inline constexpr double most_lanczos_steps = 300;

/// `apply(v) -> vector` of `size` values. Stops where 30 more steps move the estimate by less than
/// `tolerance` of itself, or after 300.
template <typename Apply>
[[nodiscard]] double lanczos_largest_eigenvalue(Index size, double tolerance, Random random,
                                                Apply&& apply) {
  constexpr Index most = static_cast<Index>(most_lanczos_steps), between = 30;
  const Index steps = std::min(size, most);
  Matrix<double> basis(size, steps);
  Vector<double> diagonal(steps), beside(steps);
  basis.col(0) = random_unit_vector<double>(size, random);
  double largest = 0;
  for (Index k = 0; k < steps; ++k) {
    Vector<double> next = apply(Vector<double>(basis.col(k)));
    diagonal(k) = basis.col(k).dot(next);
    for (int pass = 0; pass < 2; ++pass)  // twice is enough (Kahan and Parlett)
      next -= basis.leftCols(k + 1) * (basis.leftCols(k + 1).transpose() * next);
    beside(k) = next.norm();
    // What is left of a space without new directions is rounding noise.
    const bool exhausted = k + 1 == steps || !(beside(k) > 1e-12 * diagonal.head(k + 1).maxCoeff());
    if (exhausted || (k + 1) % between == 0) {
      Eigen::SelfAdjointEigenSolver<Matrix<double>> solver;
      solver.computeFromTridiagonal(diagonal.head(k + 1), beside.head(k), Eigen::EigenvaluesOnly);
      const double before = std::exchange(largest, solver.eigenvalues().maxCoeff());
      if (exhausted || largest - before <= tolerance * largest) return largest;
    }
    basis.col(k + 1) = next / beside(k);
  }
  return largest;
}

}  // namespace gloro::lipschitz
