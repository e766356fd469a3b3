// Lower bounds of a network's own Lipschitz constants: what no upper bound can go below (the
// tightness of the bound in Leino, Wang and Fredrikson 2021). Of the margins y_j - y_i, over
// all inputs or close to given ones.
//
// A pair of points a, b gives the quotient |m(a) - m(b)| / ||a - b||. It is driven up by turning
// the pair's direction to the sum of the two gradients and moving its centre along their
// difference; then the pair is halved, keeping the better half, whose quotient is never smaller
// than the whole's. All in double; what rounding usually adds to a quotient is taken from it, which at
// the usual distances is below 1e-9 of the figure.
#pragma once

#include <concepts>
#include <cstdint>
#include <vector>

#include "gloro/core/tensor.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::attack {

struct LowerBoundOptions {
  int steps = 20;     ///< at each distance
  int halvings = 10;  ///< of the pair's distance
  double reach = 16;  ///< first distance of a global pair, in units of the input
  int rivals = 3;     ///< a local search for each of so many strongest rivals
  double pace = 1;    ///< of the pair's centre, over half its distance
  std::uint64_t seed = 0;
};

/// For each pair of classes a number that the Lipschitz constant of y_j - y_i over all inputs is
/// not below: classes x classes, symmetric. The search begins at `starts`, each for another pair of
/// classes in turn, so take more of them than there are pairs; every pair learns from all.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<double> global_lower_bounds(const GloroModel<Scalar>& model,
                                                 const Tensor<Scalar>& starts,
                                                 const LowerBoundOptions& options,
                                                 Workers& workers);

/// For each sample a number that the largest Lipschitz constant of y_j - y_i, over rivals i of its
/// top class j, within `epsilon` of it is not below.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<double> local_lower_bounds(const GloroModel<Scalar>& model,
                                                     const Tensor<Scalar>& samples, double epsilon,
                                                     const LowerBoundOptions& options,
                                                     Workers& workers);

}  // namespace gloro::attack

#ifndef GLORO_COMPILED
#include "gloro/attack/lower_bounds.ipp"
#endif
