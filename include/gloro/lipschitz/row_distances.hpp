// How far the rows of a matrix lie apart: a head's rows, for the Lipschitz constants of margins.
#pragma once

#include "gloro/core/infinity.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

/// ||w_j - w_i||, rounded up; exactly 0 for equal rows.
template <typename Scalar>
[[nodiscard]] Matrix<double> row_distances(const Matrix<Scalar>& head) {
  const Index classes = head.rows();
  Matrix<double> distances = Matrix<double>::Zero(classes, classes);
  const auto source = scaled(head.transpose());
  Matrix<double> difference(head.cols(), 1);
  for (Index j = 0; j < classes; ++j)
    for (Index i = 0; i < j; ++i) {
      double distance = infinity;
      if (source) {
        difference.col(0) = source->value.col(j) - source->value.col(i);
        // Each entry of the difference is rounded once more, by 2^-53.
        const double norm = rounding::mul_up(frobenius_upper_bound(difference), 1 + 0x1p-51);
        const bool equal = (head.row(j).array() == head.row(i).array()).all();
        distance = equal ? 0 : source->unscaled(norm);
      }
      distances(i, j) = distances(j, i) = distance;
    }
  return distances;
}

}  // namespace gloro::lipschitz
