// Reach: which outputs of a convolution a tap of its kernel takes part in, along one axis.
#pragma once

#include <algorithm>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::kernels {

/// The outputs along an axis whose window has its place `k` inside the input.
struct Reach {
  Index begin, end;

  Reach(Index k, const Axis& axis) {
    const Index last = axis.input - 1 + axis.pad - k;
    end = last < 0 ? 0 : std::min(axis.output, last / axis.stride + 1);
    begin = std::min(end, axis.pad > k ? (axis.pad - k + axis.stride - 1) / axis.stride : 0);
  }
};

}  // namespace gloro::kernels
