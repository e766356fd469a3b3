// PoolingWindow: a window that slides over every channel by itself; what the poolings share.
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
  Extent pool = 2;    ///< 0: the whole image, as one window: global pooling
  Extent stride = 0;  ///< 0: the pool's extents, windows side by side
  Padding padding = Padding::valid;
};

namespace detail {

/// A pooling but for what is done in a window. Padding is left out of windows, as TensorFlow does.
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

  /// For all images of a batch: begin(how many pixels it has) for each window, then for each of these
  /// visit(offset of the output pixel, offset of the input pixel).
  template <typename Begin, typename Visit>
  static void for_each_pixel(const kernels::ConvolutionGeometry& g, Index batch, Begin&& begin,
                             Visit&& visit) {
    const Shape &in = g.input, &out = g.output;
    for (Index n = 0; n < batch; ++n)
      for (Index i = 0; i < out.height; ++i)
        for (Index j = 0; j < out.width; ++j) {
          const Range over = rows(g, i), across = columns(g, j);
          begin(over.size() * across.size());
          for (Index r = over.begin; r < over.end; ++r)
            for (Index c = across.begin; c < across.end; ++c)
              visit(n * out.size() + (i * out.width + j) * out.channels,
                    n * in.size() + (r * in.width + c) * in.channels);
        }
  }

  /// Where each window by itself is 1-Lipschitz, and an input lies in up to c of them, a squared distance
  /// counts up to c times: sqrt(c), rounded up.
  [[nodiscard]] static double overlap_bound(const kernels::ConvolutionGeometry& g);

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
