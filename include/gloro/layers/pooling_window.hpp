// PoolingWindow: a window that slides over every channel by itself; what the two poolings share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/layers/window.hpp"

namespace gloro {

struct PoolingOptions {
  Extent pool = 2;
  Extent stride = 0;  ///< 0: the pool's extents, windows side by side
  Padding padding = Padding::valid;
};

namespace detail {

/// Both poolings but for what is done in a window. Padding is left out of windows, as TensorFlow does.
class PoolingWindow {
 public:
  explicit PoolingWindow(PoolingOptions options) : options_(options) {
    if (options.stride == Extent(0)) options_.stride = options.pool;
  }

  [[nodiscard]] kernels::ConvolutionGeometry on(const Shape& input) const {
    const auto geometry =
        Window{options_.pool, options_.stride, options_.padding}.on(input, input.channels);
    for (Index i = 0; i < geometry.output.height; ++i)
      if (rows(geometry, i).size() < 1) refuse(input);
    for (Index i = 0; i < geometry.output.width; ++i)
      if (columns(geometry, i).size() < 1) refuse(input);
    return geometry;
  }

  struct Range {
    Index begin, end;
    [[nodiscard]] Index size() const { return end - begin; }
  };
  /// Input rows (columns) of output row (column) i.
  [[nodiscard]] static Range rows(const kernels::ConvolutionGeometry& g, Index i) {
    return clip(i * g.stride_height - g.pad_top, g.kernel_height, g.input.height);
  }
  [[nodiscard]] static Range columns(const kernels::ConvolutionGeometry& g, Index i) {
    return clip(i * g.stride_width - g.pad_left, g.kernel_width, g.input.width);
  }

  /// Calls visit(value) for each value of the first image of `x` in the window of output `i`.
  template <typename Visit>
  static void for_each_value(const kernels::ConvolutionGeometry& g, const Tensor<double>& x,
                             Index i, Visit&& visit) {
    const Index pixel = i / g.output.channels;
    const Range over = rows(g, pixel / g.output.width), across = columns(g, pixel % g.output.width);
    for (Index r = over.begin; r < over.end; ++r)
      for (Index c = across.begin; c < across.end; ++c)
        visit(x.data()[(r * g.input.width + c) * g.input.channels + i % g.output.channels]);
  }

  /// In how many windows one of `inputs` rows (columns) lies at most; `of` is `rows` or `columns`.
  template <typename Of>
  [[nodiscard]] static Index most_windows(const kernels::ConvolutionGeometry& g, Index inputs,
                                          Index outputs, Of of) {
    std::vector<Index> changes(static_cast<std::size_t>(inputs) + 1, 0);
    for (Index i = 0; i < outputs; ++i) {
      const Range range = of(g, i);
      ++changes[static_cast<std::size_t>(range.begin)];
      --changes[static_cast<std::size_t>(range.end)];
    }
    Index windows = 0, most = 0;
    for (const Index change : changes) most = std::max(most, windows += change);
    return most;
  }

  [[nodiscard]] Description describe(std::string type) const {
    return {std::move(type),
            {{"pool", options_.pool.described()},
             {"stride", options_.stride.described()},
             {"padding", options_.padding.described()}}};
  }

  [[nodiscard]] static PoolingOptions from(DescribedOptions& options) {
    return {.pool = options.extent("pool"),
            .stride = options.extent("stride"),
            .padding = options.padding("padding")};
  }

  [[nodiscard]] const PoolingOptions& options() const { return options_; }

 private:
  [[nodiscard]] static Range clip(Index begin, Index extent, Index size) {
    return {std::max<Index>(begin, 0), std::min(begin + extent, size)};
  }
  [[noreturn]] static void refuse(const Shape& input) {
    throw ShapeError(
        message("a pooling window on an input of ", input, " holds nothing but padding"));
  }

  PoolingOptions options_;
};

}  // namespace detail

}  // namespace gloro
