// PoolingWindow: a window that slides over every channel by itself; what the two poolings share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
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
  explicit PoolingWindow(PoolingOptions options);

  [[nodiscard]] kernels::ConvolutionGeometry on(const Shape& input) const;

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

  [[nodiscard]] Description describe(std::string type) const;

  [[nodiscard]] static PoolingOptions from(DescribedOptions& options);

  [[nodiscard]] const PoolingOptions& options() const { return options_; }

 private:
  [[nodiscard]] static Range clip(Index begin, Index extent, Index size) {
    return {std::max<Index>(begin, 0), std::min(begin + extent, size)};
  }
  [[noreturn]] static void refuse(const Shape& input);

  PoolingOptions options_;
};

}  // namespace detail

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/pooling_window.ipp"
#endif
