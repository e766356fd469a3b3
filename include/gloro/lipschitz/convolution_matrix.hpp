// The explicit matrix of a convolution: what it does to one sample, bias apart. For operators small
// enough that their norm is best bounded directly, and for checking everything else.
#pragma once

#include <Eigen/Core>

#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/geometry.hpp"

namespace gloro {

/// Throws ShapeError unless the geometry makes sense and `filters` is output channels x (kernel
/// height, kernel width, input channels).
template <typename Derived>
void require_filters_fit(const kernels::ConvolutionGeometry& g,
                         const Eigen::MatrixBase<Derived>& filters) {
  if (g.kernel_height < 1 || g.kernel_width < 1 || g.stride_height < 1 || g.stride_width < 1 ||
      g.pad_top < 0 || g.pad_left < 0 || g.input.size() < 0 || g.output.size() < 0)
    throw ShapeError("a convolution needs kernel >= 1, stride >= 1 and padding >= 0");
  if (filters.rows() != g.output.channels || filters.cols() != g.taps())
    throw ShapeError(message("filters of a convolution must be ", g.output.channels, " x ",
                             g.taps(), ", got ", filters.rows(), " x ", filters.cols()));
}

/// g.output.size() x g.input.size(), channels fastest in both; `filters` is cout x (kh kw cin).
template <typename Derived>
[[nodiscard]] Matrix<typename Derived::Scalar> convolution_matrix(
    const kernels::ConvolutionGeometry& g, const Eigen::MatrixBase<Derived>& filters) {
  require_filters_fit(g, filters);
  using Result = Matrix<typename Derived::Scalar>;
  Result matrix = Result::Zero(g.output.size(), g.input.size());
  for (Index out_y = 0; out_y < g.output.height; ++out_y)
    for (Index out_x = 0; out_x < g.output.width; ++out_x)
      for (Index ky = 0; ky < g.kernel_height; ++ky)
        for (Index kx = 0; kx < g.kernel_width; ++kx) {
          const Index in_y = out_y * g.stride_height + ky - g.pad_top;
          const Index in_x = out_x * g.stride_width + kx - g.pad_left;
          if (in_y < 0 || in_y >= g.input.height || in_x < 0 || in_x >= g.input.width) continue;
          matrix.block((out_y * g.output.width + out_x) * g.output.channels,
                       (in_y * g.input.width + in_x) * g.input.channels, g.output.channels,
                       g.input.channels) =
              filters.middleCols((ky * g.kernel_width + kx) * g.input.channels, g.input.channels);
        }
  return matrix;
}

}  // namespace gloro
