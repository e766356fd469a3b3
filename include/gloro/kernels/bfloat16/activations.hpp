// Activations: what a chunk of samples is between two products in bfloat16. Samples stand side by side at
// each pixel, (pixel, sample, channel): so the rows of a matrix unit's tile are samples, no image size
// leaves a tile half empty, and a tap outside the image is left out of a loop instead of multiplied.
#pragma once

#include <concepts>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/kernels/bfloat16/block.hpp"

namespace gloro {
template <std::floating_point Scalar>
class Tensor;
}

namespace gloro::kernels::bfloat16 {

/// Blocks that `channels` fill, the last perhaps in part.
[[nodiscard]] constexpr Index blocks_of(Index channels) { return (channels + side - 1) / side; }

/// Up to 32 samples. Room is for all 32, and for whole blocks of channels: what fills them up is finite,
/// and in gradients zero.
struct Activations {
  Activations() = default;
  Activations(Shape of, Index count);

  [[nodiscard]] Index pixels() const { return shape.height * shape.width; }
  [[nodiscard]] BFloat16* pixel(Index p) { return values.data() + p * side * step; }
  [[nodiscard]] const BFloat16* pixel(Index p) const { return values.data() + p * side * step; }

  Shape shape{0, 0, 0};
  Index samples = 0;
  Index step = 0;  ///< values of a sample at a pixel
  Buffer<BFloat16> values;
};

/// At most 32 samples, rounded.
[[nodiscard]] Activations rounded(const Tensor<float>& x);

/// The same values in float.
[[nodiscard]] Tensor<float> in_float(const Activations& x);

}  // namespace gloro::kernels::bfloat16

#ifndef GLORO_COMPILED
#include "gloro/kernels/bfloat16/activations.ipp"
#endif
