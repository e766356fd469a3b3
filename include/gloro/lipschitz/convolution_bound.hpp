// Rigorous upper bound of the spectral norm of a zero-padded, strided convolution, by whichever way
// is best for its size: through a band of blocks and Cholesky, on a torus, or quickly.
#pragma once

#include <Eigen/Core>

#include <concepts>

#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::lipschitz {

/// Whether there is a better bound than the quick one that is affordable.
[[nodiscard]] bool has_tight_convolution_bound(const kernels::ConvolutionGeometry& geometry);

namespace detail {
// The bound below, of a matrix in memory: any expression is evaluated into one.
template <std::floating_point Scalar>
[[nodiscard]] double convolution_upper_bound(const kernels::ConvolutionGeometry& geometry,
                                             const Eigen::Ref<const Matrix<Scalar>>& filters);
}  // namespace detail

/// Never below the spectral norm of the convolution. `filters` is cout x (kh kw cin). Within some
/// millionths of the norm where a factorisation costs at most 2 10^10 operations, as for all layers of
/// 2C2F and 4C3F; on larger images the torus bound, which is the better the larger they are. Where
/// neither is affordable, the quick bound.
/// 0 if all weights are zero; +infinity, which certifies nothing, if one is NaN or infinite.
template <typename Derived>
[[nodiscard]] double convolution_upper_bound(const kernels::ConvolutionGeometry& geometry,
                                             const Eigen::MatrixBase<Derived>& filters) {
  return detail::convolution_upper_bound<typename Derived::Scalar>(geometry, filters.derived());
}

}  // namespace gloro::lipschitz

#ifndef GLORO_COMPILED
#include "gloro/lipschitz/convolution_bound.ipp"
#endif
