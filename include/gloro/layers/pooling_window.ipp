// The bodies of pooling_window.hpp.
#pragma once

#include "gloro/layers/pooling_window.hpp"

#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::detail {

GLORO_INLINE PoolingWindow::PoolingWindow(PoolingOptions options) : options_(options) {
  if (options.stride == Extent(0)) options_.stride = options.pool;
}

GLORO_INLINE kernels::ConvolutionGeometry PoolingWindow::on(const Shape& input) const {
  const Extent image(input.height, input.width);
  const Window window = options_.pool == Extent(0)
                            ? Window{image, image, Padding::valid}
                            : Window{options_.pool, options_.stride, options_.padding};
  const auto geometry = window.on(input, input.channels);
  for (Index i = 0; i < geometry.output.height; ++i)
    if (rows(geometry, i).size() < 1) refuse(input);
  for (Index i = 0; i < geometry.output.width; ++i)
    if (columns(geometry, i).size() < 1) refuse(input);
  return geometry;
}

GLORO_INLINE double PoolingWindow::overlap_bound(const kernels::ConvolutionGeometry& g) {
  const Index overlaps = most_windows(g, g.input.height, g.output.height, &PoolingWindow::rows) *
                         most_windows(g, g.input.width, g.output.width, &PoolingWindow::columns);
  return overlaps == 1 ? 1 : rounding::sqrt_up(static_cast<double>(overlaps));
}

GLORO_INLINE Description PoolingWindow::describe(std::string type) const {
  return {std::move(type),
          {{"pool", options_.pool.described()},
           {"stride", options_.stride.described()},
           {"padding", options_.padding.described()}}};
}

GLORO_INLINE PoolingOptions PoolingWindow::from(DescribedOptions& options) {
  return {.pool = options.extent("pool"),
          .stride = options.extent("stride"),
          .padding = options.padding("padding")};
}

GLORO_INLINE void PoolingWindow::refuse(const Shape& input) {
  throw ShapeError(
      message("a pooling window on an input of ", input, " holds nothing but padding"));
}

}  // namespace gloro::detail
