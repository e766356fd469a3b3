// Filters of a convolution as its bounds take them: of the right extents, and without the taps that
// never meet the image.
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::lipschitz {

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

/// The filters with zeros for each tap that meets nothing but padding: such weights do not act, and
/// one large one would hide how small the others are.
template <typename Derived>
[[nodiscard]] Matrix<typename Derived::Scalar> acting_filters(
    const kernels::ConvolutionGeometry& g, const Eigen::MatrixBase<Derived>& filters) {
  const auto acts = [](Index tap, Index input, Index output, Index stride, Index padding) {
    const Index first =
        std::max<Index>(0, (padding - tap + stride - 1) / stride);  // beyond the margin
    return first < output && first * stride + tap - padding < input;
  };
  require_filters_fit(g, filters);
  Matrix<typename Derived::Scalar> acting = filters;
  for (Index y = 0; y < g.kernel_height; ++y)
    for (Index x = 0; x < g.kernel_width; ++x)
      if (!acts(y, g.input.height, g.output.height, g.stride_height, g.pad_top) ||
          !acts(x, g.input.width, g.output.width, g.stride_width, g.pad_left))
        acting.middleCols((y * g.kernel_width + x) * g.input.channels, g.input.channels).setZero();
  return acting;
}

}  // namespace gloro::lipschitz
