// ConvolutionGeometry: the extents of one two-dimensional convolution, padding placed.
#pragma once

#include "gloro/core/shape.hpp"

namespace gloro::kernels {

/// One axis of a convolution: output place o reads the input places o * stride + k - pad for the
/// kernel places k.
struct Axis {
  Index input = 1, output = 1;
  Index kernel = 1, stride = 1;
  Index pad = 0;
};

struct ConvolutionGeometry {
  Shape input, output;
  Index kernel_height = 1, kernel_width = 1;
  Index stride_height = 1, stride_width = 1;
  Index pad_top = 0, pad_left = 0;  // zeros before the first row and column; those after the last
                                    // follow from the output's extents

  /// Products summed for one output value.
  [[nodiscard]] Index taps() const { return kernel_height * kernel_width * input.channels; }

  [[nodiscard]] Axis vertical() const {
    return {input.height, output.height, kernel_height, stride_height, pad_top};
  }
  [[nodiscard]] Axis horizontal() const {
    return {input.width, output.width, kernel_width, stride_width, pad_left};
  }
};

}  // namespace gloro::kernels
