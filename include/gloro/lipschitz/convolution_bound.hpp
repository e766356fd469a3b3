// Rigorous upper bound of the spectral norm of a zero-padded, strided convolution, by whichever way
// is best for its size: through a band of blocks and Cholesky, on a torus, or quickly.
#pragma once

#include <Eigen/Core>

#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/lipschitz/detail/cholesky_bound.hpp"
#include "gloro/lipschitz/detail/convolution_gram.hpp"
#include "gloro/lipschitz/detail/filters.hpp"
#include "gloro/lipschitz/detail/gram_iteration.hpp"
#include "gloro/lipschitz/detail/quick_bound.hpp"
#include "gloro/lipschitz/detail/scaled_matrix.hpp"
#include "gloro/lipschitz/detail/torus_bound.hpp"

namespace gloro::lipschitz {

/// Whether there is a better bound than the quick one that is affordable.
[[nodiscard]] inline bool has_tight_convolution_bound(
    const kernels::ConvolutionGeometry& geometry) {
  return has_cholesky_bound(geometry) || has_torus_bound(geometry);
}

/// Never below the spectral norm of the convolution. `filters` is cout x (kh kw cin). Within some
/// millionths of the norm where a factorisation costs at most 2 10^10 operations, as for all layers of
/// 2C2F and 4C3F; on larger images the torus bound, which is the better the larger they are. Where
/// neither is affordable, the quick bound.
/// 0 if all weights are zero; +infinity, which certifies nothing, if one is NaN or infinite.
template <typename Derived>
[[nodiscard]] double convolution_upper_bound(const kernels::ConvolutionGeometry& geometry,
                                             const Eigen::MatrixBase<Derived>& filters) {
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

}  // namespace gloro::lipschitz
