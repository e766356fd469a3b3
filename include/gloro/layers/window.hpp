// Window: how a kernel slides over an image; kernel extents, stride and padding of convolutions and
// pooling, and where TensorFlow places `same` padding.
#pragma once

#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/layers/description.hpp"

namespace gloro {

/// Rows and columns of a kernel or a stride; one number means both.
struct Extent {
  Index height = 1, width = 1;
  constexpr Extent(Index both) : height(both), width(both) {}  // NOLINT: `.kernel = 4`
  constexpr Extent(Index rows, Index columns) : height(rows), width(columns) {}
  [[nodiscard]] std::vector<Index> described() const { return {height, width}; }
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// Zeros around an image.
struct Padding {
  enum class Kind { same, valid, amounts };
  Kind kind = Kind::valid;
  Index top = 0, bottom = 0, left = 0, right = 0;

  constexpr Padding(Kind which) : kind(which) {}  // NOLINT: `.padding = Padding::same`
  constexpr Padding(Index top_, Index bottom_, Index left_, Index right_)
      : kind(Kind::amounts), top(top_), bottom(bottom_), left(left_), right(right_) {}

  static constexpr Kind same = Kind::same;    ///< ceil(input / stride) outputs, as TensorFlow does
  static constexpr Kind valid = Kind::valid;  ///< none

  /// "same", "valid", or {top, bottom, left, right}: as a model file says it.
  [[nodiscard]] Description::Value described() const;

  friend bool operator==(const Padding&, const Padding&) = default;
};

struct Window {
  Extent kernel, stride;
  Padding padding;

  /// Places the window on an input and counts its outputs; throws ShapeError where it does not fit or
  /// the image with its padding, the kernel or the output would have more values than an Index counts.
  [[nodiscard]] kernels::ConvolutionGeometry on(const Shape& input, Index output_channels) const;

  friend bool operator==(const Window&, const Window&) = default;

 private:
  struct Placement {
    Index outputs, before;
    Index stride;  // the window's, or less where it makes no second step
    Index padded;  // the image's extent with the zeros that windows read
  };

  [[nodiscard]] Placement along(Index size, Index k, Index s, Index before, Index after,
                                const Shape& input) const;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/window.ipp"
#endif
