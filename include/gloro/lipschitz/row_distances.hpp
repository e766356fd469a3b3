// How far the rows of a matrix lie apart: a head's rows, for the Lipschitz constants of margins.
#pragma once

#include "gloro/core/tensor.hpp"

namespace gloro::lipschitz {

/// ||w_j - w_i||, rounded up; exactly 0 for equal rows.
template <typename Scalar>
[[nodiscard]] Matrix<double> row_distances(const Matrix<Scalar>& head);

}  // namespace gloro::lipschitz

#ifndef GLORO_COMPILED
#include "gloro/lipschitz/row_distances.ipp"
#endif
