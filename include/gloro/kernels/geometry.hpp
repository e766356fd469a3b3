// ConvolutionGeometry: the extents of one two-dimensional convolution, padding placed.
#pragma once

#include "gloro/core/shape.hpp"

namespace gloro::kernels {

struct ConvolutionGeometry {
  Shape input, output;
  Index kernel_height = 1, kernel_width = 1;
  Index stride_height = 1, stride_width = 1;
  Index pad_top = 0, pad_left = 0;  // zeros before the first row and column; those after the last
                                    // follow from the output's extents

  /// Products summed for one output value.
  [[nodiscard]] Index taps() const { return kernel_height * kernel_width * input.channels; }
};

}  // namespace gloro::kernels
