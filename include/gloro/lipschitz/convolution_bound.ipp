// The bodies of convolution_bound.hpp.
#pragma once

#include "gloro/lipschitz/convolution_bound.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/lipschitz/detail/cholesky_bound.hpp"
#include "gloro/lipschitz/detail/filters.hpp"
#include "gloro/lipschitz/detail/quick_bound.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/lipschitz/detail/torus_bound.hpp"

namespace gloro::lipschitz {

GLORO_INLINE bool has_tight_convolution_bound(const kernels::ConvolutionGeometry& geometry) {
  return has_cholesky_bound(geometry) || has_torus_bound(geometry);
}

template <std::floating_point Scalar>
double detail::convolution_upper_bound(const kernels::ConvolutionGeometry& geometry,
                                       const Eigen::Ref<const Matrix<Scalar>>& filters) {
  const auto source = scaled(acting_filters(geometry, filters));
  if (!source || !filters.allFinite()) return infinity;
  if (source->is_zero || geometry.input.size() == 0 || geometry.output.size() == 0)
    return source->unscaled(0);
  if (has_cholesky_bound(geometry)) {
    const double bound = cholesky_upper_bound(geometry, *source);
    if (bound < infinity) return bound;
  }
  if (has_torus_bound(geometry)) return torus_upper_bound(geometry, *source);
  return source->unscaled(convolution_quick_bound(geometry, source->value));
}

#ifdef GLORO_COMPILING
template double detail::convolution_upper_bound<float>(const kernels::ConvolutionGeometry&,
                                                       const Eigen::Ref<const Matrix<float>>&);
template double detail::convolution_upper_bound<double>(const kernels::ConvolutionGeometry&,
                                                        const Eigen::Ref<const Matrix<double>>&);
#endif

}  // namespace gloro::lipschitz
