// Patches: a convolution of images with few channels, such as the first layer's, as one of 1 x 1 with a
// channel for each tap. A matrix unit multiplies 32 channels at once; three of them would waste the rest.
#pragma once

#include <algorithm>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/bfloat16/activations.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::kernels::bfloat16 {

/// Whether a convolution is worth it.
[[nodiscard]] inline bool takes_patches(const ConvolutionGeometry& g) {
  return g.input.channels <= 8 && g.taps() > g.input.channels;
}

/// The convolution of the patches; its filters are the same numbers in the same order.
[[nodiscard]] inline ConvolutionGeometry of_patches(const ConvolutionGeometry& g) {
  return {.input = {g.output.height, g.output.width, g.taps()}, .output = g.output};
}

/// What the kernel sees of x, at most 32 samples, from each place.
[[nodiscard]] inline Activations patches_of(const Operations& unit, const ConvolutionGeometry& g,
                                            const Tensor<float>& x) {
  const Index run = g.kernel_width * g.input.channels, line = g.input.width * g.input.channels;
  const Index height = std::max((g.output.height - 1) * g.stride_height + g.kernel_height,
                                g.pad_top + g.input.height);
  const Index width =
      std::max((g.output.width - 1) * g.stride_width + g.kernel_width, g.pad_left + g.input.width);
  const Index frame_line = width * g.input.channels;
  const Index frame = checked_product(height, frame_line);
  Buffer<BFloat16> frames(static_cast<std::size_t>(checked_product(frame, side)));
  std::fill_n(frames.data(), frame * side, BFloat16{});
  for (Index n = 0; n < x.batch(); ++n)
    for (Index iy = 0; iy < g.input.height; ++iy) {
      const float* const from = x.sample(n) + iy * line;
      BFloat16* const to =
          frames.data() + n * frame + (iy + g.pad_top) * frame_line + g.pad_left * g.input.channels;
      for (Index i = 0; i < line; ++i) to[i] = rounded(from[i]);
    }
  Activations result({g.output.height, g.output.width, g.taps()}, x.batch());
  Patch patch{.sample_step = frame,
              .run_step = frame_line,
              .runs = g.kernel_height,
              .run = run,
              .to_step = result.step};
  for (Index oy = 0; oy < g.output.height; ++oy)
    for (Index ox = 0; ox < g.output.width; ++ox) {
      patch.from = frames.data() + oy * g.stride_height * frame_line +
                   ox * g.stride_width * g.input.channels;
      patch.to = result.pixel(oy * g.output.width + ox);
      unit.gather(patch);
    }
  return result;
}

}  // namespace gloro::kernels::bfloat16
