// The transpose of a convolution, which backpropagation and power iteration apply. A stride of s
// splits it into s x s phases, one for each place of an input pixel modulo s; each is a convolution
// of stride 1 of the output gradients with the filter taps that meet that place.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro {
class Workers;
}

namespace gloro::kernels {

/// Operands of convolve_transposed. All arrays have their last index fastest.
template <std::floating_point Scalar>
struct TransposedConvolution {
  ConvolutionGeometry geometry;     ///< of the convolution
  const Scalar* filters = nullptr;  ///< (ky, kx, ci, co)
  const Scalar* dy = nullptr;       ///< (n, oy, ox, co)
  Scalar* dx = nullptr;             ///< (n, iy, ix, ci), overwritten
  Index batch = 1;
};

/// dx = the transpose of the linear part of `convolve` applied to dy. With `workers` the rows of each
/// sample are shared out among them, unless its pixels have few channels. The bits of a sample depend
/// neither on the batch that it stands in nor on the workers.
template <std::floating_point Scalar>
void convolve_transposed(const TransposedConvolution<Scalar>& all, Workers* workers = nullptr);

}  // namespace gloro::kernels

#ifndef GLORO_COMPILED
#include "gloro/kernels/convolution_transposed.ipp"
#endif
