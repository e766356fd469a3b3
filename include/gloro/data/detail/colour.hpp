// Colour: changes of saturation and contrast of one image, for augmentation. The saturation is that
// of the hue-saturation-value model (Smith, "Color gamut transform pairs", SIGGRAPH 1978).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>

#include "gloro/core/shape.hpp"

namespace gloro::data {

/// Multiplies the saturation of an RGB image with values in [0, 1] by `factor`, at most up to 1.
///
/// With V = max and S = (V - min) / V, a channel is V * (1 - S * w) where w in [0, 1] depends on
/// the hue alone; so with hue and V kept, V - channel scales by S' / S: no hue is ever computed.
template <std::floating_point Scalar>
void scale_saturation(std::span<Scalar> sample, double factor) {
  for (std::size_t i = 0; i + 3 <= sample.size(); i += 3) {
    const auto pixel = sample.subspan(i, 3);
    const auto [least, most] = std::minmax({pixel[0], pixel[1], pixel[2]});
    if (!(most > least)) continue;  // grey has no hue
    const Scalar scale = std::min(static_cast<Scalar>(factor), most / (most - least));
    for (Scalar& channel : pixel) channel = most - (most - channel) * scale;
  }
}

/// Multiplies the distance of every value from the mean of its channel by `factor`.
template <std::floating_point Scalar>
void scale_contrast(std::span<Scalar> sample, const Shape& shape, double factor) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto pixels = static_cast<double>(shape.height * shape.width);
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0;
    for (std::size_t i = c; i < sample.size(); i += channels) sum += static_cast<double>(sample[i]);
    const auto mean = static_cast<Scalar>(sum / pixels);
    for (std::size_t i = c; i < sample.size(); i += channels)
      sample[i] = mean + (sample[i] - mean) * static_cast<Scalar>(factor);
  }
}

}  // namespace gloro::data
