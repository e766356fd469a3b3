// Rigorous upper bound of the spectral norm of a zero-padded, strided convolution, by whichever way
// is best for its size: through a band of blocks and Cholesky, or on a torus.
#pragma once

#include <Eigen/Core>

#include "gloro/kernels/geometry.hpp"
#include "gloro/lipschitz/cholesky_bound.hpp"
#include "gloro/lipschitz/convolution_gram.hpp"
#include "gloro/lipschitz/filters.hpp"
#include "gloro/lipschitz/gram_iteration.hpp"
#include "gloro/lipschitz/torus_bound.hpp"

namespace gloro {

/// Never below the spectral norm of the convolution. `filters` is cout x (kh kw cin). Within some
/// millionths of the norm where a factorisation costs at most 2 10^10 operations, as for all layers of
/// 2C2F and 4C3F; on larger images the torus bound, which is the better the larger they are.
/// 0 if all weights are zero; +infinity, which certifies nothing, if one is NaN or infinite.
template <typename Derived>
[[nodiscard]] double convolution_upper_bound(const kernels::ConvolutionGeometry& geometry,
                                             const Eigen::MatrixBase<Derived>& filters) {
  constexpr double affordable = 2e10;
  const auto source = scaled(acting_filters(geometry, filters));
  if (!source || !filters.allFinite()) return infinity;
  if (source->is_zero || geometry.input.size() == 0 || geometry.output.size() == 0)
    return source->unscaled(0);
  if (ConvolutionGram::cost(geometry) <= affordable) {
    const double bound = cholesky_upper_bound(geometry, *source);
    if (bound < infinity) return bound;
  }
  return torus_upper_bound(geometry, *source);
}

}  // namespace gloro
