// A convolution as its definition says, one output at a time and without the kernels: what the
// certifier's self-test holds them against.
#pragma once

#include <concepts>

#include "gloro/core/detail/compensated_sum.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro {

/// Output `i` (channels fastest) for the first sample of `x`:
/// bias(co) + sum over ky, kx, ci of W(co, (ky, kx, ci)) x(oy s + ky - pad, ox s + kx - pad, ci), x
/// being zero outside the image. `bias` may have no rows.
template <std::floating_point Scalar>
[[nodiscard]] double defined_convolution(const kernels::ConvolutionGeometry& g,
                                         const Matrix<Scalar>& weight, const Matrix<Scalar>& bias,
                                         const Tensor<double>& x, Index i) {
  const Index co = i % g.output.channels, pixel = i / g.output.channels;
  const Index oy = pixel / g.output.width, ox = pixel % g.output.width;
  CompensatedSum sum(bias.rows() > 0 ? static_cast<double>(bias(co, 0)) : 0);
  for (Index ky = 0; ky < g.kernel_height; ++ky)
    for (Index kx = 0; kx < g.kernel_width; ++kx) {
      const Index y = oy * g.stride_height + ky - g.pad_top;
      const Index column = ox * g.stride_width + kx - g.pad_left;
      if (y < 0 || y >= g.input.height || column < 0 || column >= g.input.width) continue;
      for (Index ci = 0; ci < g.input.channels; ++ci)
        sum.add(
            static_cast<double>(weight(co, (ky * g.kernel_width + kx) * g.input.channels + ci)) *
            x.data()[(y * g.input.width + column) * g.input.channels + ci]);
    }
  return sum.value();
}

/// Input `i` of the transpose of a convolution of stride 1: the sum over all outputs u that read it of
/// W_ui output(u).
template <std::floating_point Scalar, typename Output>
[[nodiscard]] double defined_adjoint(const kernels::ConvolutionGeometry& g,
                                     const Matrix<Scalar>& weight, Index i, const Output& output) {
  const Index ci = i % g.input.channels, pixel = i / g.input.channels;
  CompensatedSum sum;
  for (Index ky = 0; ky < g.kernel_height; ++ky)
    for (Index kx = 0; kx < g.kernel_width; ++kx) {
      const Index row = pixel / g.input.width + g.pad_top - ky;
      const Index column = pixel % g.input.width + g.pad_left - kx;
      if (row < 0 || row >= g.output.height || column < 0 || column >= g.output.width) continue;
      for (Index co = 0; co < g.output.channels; ++co) {
        const Index tap = (ky * g.kernel_width + kx) * g.input.channels + ci;
        sum.add(static_cast<double>(weight(co, tap)) *
                output((row * g.output.width + column) * g.output.channels + co));
      }
    }
  return sum.value();
}

}  // namespace gloro
