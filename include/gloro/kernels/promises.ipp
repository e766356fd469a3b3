// The bodies of promises.hpp.
#pragma once

#include "gloro/kernels/promises.hpp"

#include <algorithm>
#include <cmath>

#include "gloro/core/compiled.hpp"

namespace gloro::kernels {

GLORO_INLINE Index product_depth(Index inputs) { return Summation(inputs).depth(); }

GLORO_INLINE Index summation_depth(const ConvolutionGeometry& geometry) {
  return Summation(geometry.taps()).depth();
}

GLORO_INLINE double scratch(const ConvolutionGeometry& g) {
  const auto number = [](Index count) { return static_cast<double>(count); };
  const auto whole = [](double count) { return 16 * std::ceil(count / 16); };  // the widest vectors
  const double rows = number(g.output.height), columns = number(g.output.width);
  const double kernel_rows = number(g.kernel_height), kernel_columns = number(g.kernel_width);
  const double inputs = number(g.input.channels), outputs = number(g.output.channels);
  const double kernel = kernel_rows * kernel_columns;
  const double image =
      ((rows - 1) * number(g.stride_height) + kernel_rows) *
      std::max((columns - 1) * number(g.stride_width) + kernel_columns, number(g.input.width)) *
      inputs;
  const double gradients = (rows + 2 * kernel_rows) * (columns + 2 * kernel_columns) * outputs;
  const double filters = kernel * (inputs * whole(outputs) + outputs * whole(inputs));
  const double offsets = 2 * kernel * (inputs + outputs);
  return image + gradients + filters + offsets + columns * whole(kernel * inputs);
}

}  // namespace gloro::kernels
