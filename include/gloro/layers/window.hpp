// Window: how a kernel slides over an image; kernel extents, stride and padding of convolutions and
// pooling, and where TensorFlow places `same` padding.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"
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
  [[nodiscard]] Description::Value described() const {
    if (kind == Kind::amounts) return std::vector<Index>{top, bottom, left, right};
    return std::string(kind == Kind::same ? "same" : "valid");
  }

  friend bool operator==(const Padding&, const Padding&) = default;
};

struct Window {
  Extent kernel, stride;
  Padding padding;

  /// Places the window on an input and counts its outputs; throws ShapeError where it does not fit or
  /// the image with its padding, the kernel or the output would have more values than an Index counts.
  [[nodiscard]] kernels::ConvolutionGeometry on(const Shape& input, Index output_channels) const {
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

 private:
  struct Placement {
    Index outputs, before;
    Index stride;  // the window's, or less where it makes no second step
    Index padded;  // the image's extent with the zeros that windows read
  };

  [[nodiscard]] Placement along(Index size, Index k, Index s, Index before, Index after,
                                const Shape& input) const {
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
};

}  // namespace gloro
