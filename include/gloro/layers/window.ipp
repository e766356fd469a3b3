// The bodies of window.hpp.
#pragma once

#include "gloro/layers/window.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE Description::Value Padding::described() const {
  if (kind == Kind::amounts) return std::vector<Index>{top, bottom, left, right};
  return std::string(kind == Kind::same ? "same" : "valid");
}

GLORO_INLINE kernels::ConvolutionGeometry Window::on(const Shape& input,
                                                     Index output_channels) const {
  const Placement rows =
      along(input.height, kernel.height, stride.height, padding.top, padding.bottom, input);
  const Placement columns =
      along(input.width, kernel.width, stride.width, padding.left, padding.right, input);
  const Shape output{rows.outputs, columns.outputs, output_channels};
  for (const Shape& each : {Shape{rows.padded, columns.padded, input.channels},
                            Shape{kernel.height, kernel.width, input.channels}, output})
    (void)each.size();
  return {.input = input,
          .output = output,
          .kernel_height = kernel.height,
          .kernel_width = kernel.width,
          .stride_height = rows.stride,
          .stride_width = columns.stride,
          .pad_top = rows.before,
          .pad_left = columns.before};
}

GLORO_INLINE Window::Placement Window::along(Index size, Index k, Index s, Index before,
                                             Index after, const Shape& input) const {
  if (k < 1 || s < 1 || before < 0 || after < 0)
    throw ArgumentError(message("kernel and stride must be >= 1 and padding >= 0, got kernel ", k,
                                ", stride ", s, ", padding ", before, " and ", after));
  // Sums and products of a few extents do not overflow, also where an Index has 32 bits.
  constexpr int bits = std::min(31, std::numeric_limits<Index>::digits - 2);
  constexpr Index most = Index{1} << bits;
  if (std::max({size, k, s, before, after}) > most)
    throw ShapeError(message("an image, kernel, stride or padding of more than 2^", bits,
                             " pixels: ", size, ", ", k, ", ", s, ", ", before, " or ", after));
  if (padding.kind == Padding::same) {
    // TensorFlow: the odd zero goes after the image.
    const Index outputs = (size + s - 1) / s;
    const Index padded = std::max((outputs - 1) * s + k, size);
    return {outputs, (padded - size) / 2, std::min(s, padded), padded};
  }
  const Index padded = size + before + after;
  if (padded < k)
    throw ShapeError(message("a kernel of ", kernel.height, "x", kernel.width,
                             " does not fit into an input of ", input, " with its padding"));
  return {(padded - k) / s + 1, before, std::min(s, padded), padded};
}

}  // namespace gloro
