// The distances of the head's rows, ||w_j - w_i||: times k they are the margin constants K_ji.
#pragma once

#include <concepts>

#include "gloro/core/parameter.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro {

/// ||w_j - w_i||, classes x classes, for the rows of `weight`, classes x inputs.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<Scalar> head_distances(const Matrix<Scalar>& weight) {
  const Index classes = weight.rows();
  Matrix<Scalar> distances = Matrix<Scalar>::Zero(classes, classes);
  for (Index j = 0; j < classes; ++j)
    for (Index i = 0; i < j; ++i)
      distances(i, j) = distances(j, i) = (weight.row(j) - weight.row(i)).norm();
  return distances;
}

/// Adds the gradient by `weight` of sum(slope * distances). d ||w_j - w_i|| / d w_j = (w_j - w_i) /
/// ||w_j - w_i||, and the opposite for w_i. All pairs at once: with a_ji = slope_ji / distance_ji,
/// dW += (diag(row sums) - A) W for A symmetrised. Equal rows, where the distance has a kink, pass
/// nothing on.
template <std::floating_point Scalar>
void head_distances_backward(const Matrix<Scalar>& slope, const Matrix<Scalar>& distances,
                             const Matrix<Scalar>& weight, GradientView<Scalar>& gradient) {
  Matrix<Scalar> pull =
      (distances.array() > 0).select((slope + slope.transpose()).array() / distances.array(), 0);
  const Vector<Scalar> sums = pull.rowwise().sum();
  gradient.noalias() += sums.asDiagonal() * weight;
  gradient.noalias() -= pull * weight;
}

}  // namespace gloro
