// Convolution of NHWC images and the gradient of its filters, each as a contraction over an image
// with a margin of zeros: forward, an output pixel is a row of the register tile and a filter tap
// (kernel row, kernel column, input channel) a term; in the gradient it is the other way round.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/kernels/convolution_transposed.hpp"

namespace gloro {
class Workers;
}

namespace gloro::kernels {

/// Operands of convolve. All arrays have their last index fastest.
template <std::floating_point Scalar>
struct Convolution {
  ConvolutionGeometry geometry;
  const Scalar* filters = nullptr;  ///< (ky, kx, ci, co)
  const Scalar* bias = nullptr;     ///< (co), or null for zeros
  const Scalar* x = nullptr;        ///< (n, iy, ix, ci)
  Scalar* y = nullptr;              ///< (n, oy, ox, co)
  Index batch = 1;
};

/// Operands of correlate_filters. All arrays have their last index fastest.
template <std::floating_point Scalar>
struct FilterCorrelation {
  ConvolutionGeometry geometry;
  const Scalar* x = nullptr;   ///< (n, iy, ix, ci)
  const Scalar* dy = nullptr;  ///< (n, oy, ox, co)
  Scalar* dfilters = nullptr;  ///< (ky, kx, ci, co)
  Index batch = 1;
};

/// y(n, oy, ox, co) = bias(co) + sum over ky, kx, ci of
/// x(n, oy * stride + ky - pad, ox * stride + kx - pad, ci) * filters(ky, kx, ci, co), x being zero
/// outside its image. With `workers` the rows of each sample are shared out among them. The bits of
/// a sample depend neither on the batch that it stands in nor on the workers.
template <std::floating_point Scalar>
void convolve(const Convolution<Scalar>& all, Workers* workers = nullptr);

/// dfilters(ky, kx, ci, co) += sum over n, oy, ox of
/// x(n, oy * stride + ky - pad, ox * stride + kx - pad, ci) * dy(n, oy, ox, co).
template <std::floating_point Scalar>
void correlate_filters(const FilterCorrelation<Scalar>& all);

}  // namespace gloro::kernels

#ifndef GLORO_COMPILED
#include "gloro/kernels/convolution.ipp"
#endif
