// Activations: what a chunk of samples is between two products in bfloat16. Samples stand side by side at
// each pixel, (pixel, sample, channel): so the rows of a matrix unit's tile are samples, no image size
// leaves a tile half empty, and a tap outside the image is left out of a loop instead of multiplied.
#pragma once

#include <algorithm>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/bfloat16/block.hpp"

namespace gloro::kernels::bfloat16 {

/// Blocks that `channels` fill, the last perhaps in part.
[[nodiscard]] constexpr Index blocks_of(Index channels) { return (channels + side - 1) / side; }

/// Up to 32 samples. Room is for all 32, and for whole blocks of channels: what fills them up is finite,
/// and in gradients zero.
struct Activations {
  Activations() = default;
  Activations(Shape of, Index count)
      : shape(of),
        samples(count),
        step(blocks_of(of.channels) * side),
        values(static_cast<std::size_t>(
            checked_product(checked_product(of.height, of.width), side * step))) {}

  [[nodiscard]] Index pixels() const { return shape.height * shape.width; }
  [[nodiscard]] BFloat16* pixel(Index p) { return values.data() + p * side * step; }
  [[nodiscard]] const BFloat16* pixel(Index p) const { return values.data() + p * side * step; }

  Shape shape{0, 0, 0};
  Index samples = 0;
  Index step = 0;  ///< values of a sample at a pixel
  Buffer<BFloat16> values;
};

/// At most 32 samples, rounded.
[[nodiscard]] inline Activations rounded(const Tensor<float>& x) {
  Activations result(x.shape(), x.batch());
  const Index channels = x.shape().channels;
  for (Index p = 0; p < result.pixels(); ++p) {
    BFloat16* to = result.pixel(p);
    for (Index n = 0; n < side; ++n, to += result.step) {
      const Index filled = n < x.batch() ? channels : 0;
      const float* const from = n < x.batch() ? x.sample(n) + p * channels : nullptr;
      for (Index c = 0; c < filled; ++c) to[c] = rounded(from[c]);
      std::fill(to + filled, to + result.step, BFloat16{});
    }
  }
  return result;
}

/// The same values in float.
[[nodiscard]] inline Tensor<float> in_float(const Activations& x) {
  Tensor<float> result(x.shape, x.samples);
  const Index channels = x.shape.channels;
  for (Index n = 0; n < x.samples; ++n)
    for (Index p = 0; p < x.pixels(); ++p) {
      const BFloat16* const from = x.pixel(p) + n * x.step;
      float* const to = result.sample(n) + p * channels;
      for (Index c = 0; c < channels; ++c) to[c] = value_of(from[c]);
    }
  return result;
}

}  // namespace gloro::kernels::bfloat16
