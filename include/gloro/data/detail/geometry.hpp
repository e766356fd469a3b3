// Geometry: moves of one image, in place, for augmentation: mirrored, shifted, magnified.
// A sample is its values alone: height x width x channels, channels fastest.
#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <vector>

#include "gloro/core/shape.hpp"

namespace gloro::data {

/// Mirrors a sample left and right.
template <std::floating_point Scalar>
void flip_horizontally(std::span<Scalar> sample, const Shape& shape) {
  const auto row = shape.width * shape.channels;
  for (Index y = 0; y < shape.height; ++y) {
    Scalar* const pixels = sample.data() + y * row;
    for (Index left = 0, right = shape.width - 1; left < right; ++left, --right)
      std::swap_ranges(pixels + left * shape.channels, pixels + (left + 1) * shape.channels,
                       pixels + right * shape.channels);
  }
}

/// The window of the sample's own size whose corner lies at (top, left) of the sample, black (0)
/// outside it: output(y, x) = sample(y + top, x + left).
template <std::floating_point Scalar>
void shift(std::span<Scalar> sample, const Shape& shape, Index top, Index left,
           std::vector<Scalar>& scratch) {
  scratch.assign(sample.begin(), sample.end());
  std::fill(sample.begin(), sample.end(), Scalar(0));
  const Index from = std::max(Index{0}, -left);
  const Index to = std::min(shape.width, shape.width - left);
  if (from >= to) return;
  for (Index y = std::max(Index{0}, -top); y < std::min(shape.height, shape.height - top); ++y)
    std::copy_n(scratch.data() + ((y + top) * shape.width + from + left) * shape.channels,
                (to - from) * shape.channels,
                sample.data() + (y * shape.width + from) * shape.channels);
}

/// Magnifies a part to the whole, bilinearly: its corner and its side are fractions of the distance
/// between the centres of the outermost pixels, as in TensorFlow's crop_and_resize.
template <std::floating_point Scalar>
void magnify(std::span<Scalar> sample, const Shape& shape, double top, double left, double side,
             std::vector<Scalar>& scratch) {
  scratch.assign(sample.begin(), sample.end());
  struct Place {  // between which two pixels of the line, and how far from the first
    Index first, second;
    Scalar part;
  };
  const auto place = [side](Index i, Index extent, double corner) {
    const auto last = static_cast<double>(extent - 1);
    if (extent == 1) return Place{0, 0, Scalar(0)};
    const double at = std::clamp(corner * last + static_cast<double>(i) * side, 0.0, last);
    const auto first = static_cast<Index>(at);
    return Place{first, std::min(first + 1, extent - 1),
                 static_cast<Scalar>(at - static_cast<double>(first))};
  };
  const Index row = shape.width * shape.channels;
  for (Index y = 0; y < shape.height; ++y) {
    const Place v = place(y, shape.height, top);
    Scalar* out = sample.data() + y * row;
    for (Index x = 0; x < shape.width; ++x) {
      const Place h = place(x, shape.width, left);
      const Scalar* upper = scratch.data() + v.first * row;
      const Scalar* lower = scratch.data() + v.second * row;
      for (Index c = 0; c < shape.channels; ++c) {
        const Index a = h.first * shape.channels + c;
        const Index b = h.second * shape.channels + c;
        const Scalar above = upper[a] + (upper[b] - upper[a]) * h.part;
        const Scalar below = lower[a] + (lower[b] - lower[a]) * h.part;
        *out++ = above + (below - above) * v.part;
      }
    }
  }
}

}  // namespace gloro::data
