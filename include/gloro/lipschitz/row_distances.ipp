// The bodies of row_distances.hpp.
#pragma once

#include "gloro/lipschitz/row_distances.hpp"

#include "gloro/core/infinity.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

template <typename Scalar>
Matrix<double> row_distances(const Matrix<Scalar>& head) {
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

#ifdef GLORO_COMPILING
template Matrix<double> row_distances<float>(const Matrix<float>&);
template Matrix<double> row_distances<double>(const Matrix<double>&);
#endif

}  // namespace gloro::lipschitz
