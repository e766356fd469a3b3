// The bodies of dense_bound.hpp.
#pragma once

#include "gloro/lipschitz/dense_bound.hpp"

#include <algorithm>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/lipschitz/affordable.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/quick_bound.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"

namespace gloro::lipschitz {

GLORO_INLINE bool has_tight_dense_bound(Index rows, Index cols, double weights) {
  const auto side = static_cast<double>(std::min(rows, cols));
  const auto length = static_cast<double>(std::max(rows, cols));
  return is_affordable(side * side * length + 10 * side * side * side, 0, weights);
}

template <std::floating_point Scalar>
double detail::dense_upper_bound(const Eigen::Ref<const Matrix<Scalar>>& matrix) {
  auto source = scaled(matrix);
  if (!source) return infinity;
  if (source->is_zero) return source->unscaled(0);
  if (!has_tight_dense_bound(matrix.rows(), matrix.cols(), static_cast<double>(matrix.size())))
    return source->unscaled(dense_quick_bound(source->value));
  GramIteration<double> iteration(std::move(source->value));
  iteration.refine(0, bound_tolerance);
  return source->unscaled(iteration.bound());
}

#ifdef GLORO_COMPILING
template double detail::dense_upper_bound<float>(const Eigen::Ref<const Matrix<float>>&);
template double detail::dense_upper_bound<double>(const Eigen::Ref<const Matrix<double>>&);
#endif

}  // namespace gloro::lipschitz
