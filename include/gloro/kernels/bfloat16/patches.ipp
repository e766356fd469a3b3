// The bodies of patches.hpp.
#pragma once

#include "gloro/kernels/bfloat16/patches.hpp"

#include <algorithm>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/core/compiled.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/packing.hpp"

namespace gloro::kernels::bfloat16 {

GLORO_INLINE bool takes_patches(const ConvolutionGeometry& g) {
  return g.input.channels <= 8 && g.taps() > g.input.channels;
}

GLORO_INLINE ConvolutionGeometry of_patches(const ConvolutionGeometry& g) {
  return {.input = {g.output.height, g.output.width, g.taps()}, .output = g.output};
}

GLORO_INLINE Activations patches_of(const Operations& unit, const ConvolutionGeometry& g,
                                    const Tensor<float>& x) {
  auto image = kernels::detail::padded_input<float>(g);
  const Index line = image.row_step();
  const Index frame =
      checked_product((g.output.height - 1) * g.stride_height + g.kernel_height, line);
  Buffer<BFloat16> frames(static_cast<std::size_t>(checked_product(frame, side)));
  for (Index n = 0; n < x.batch(); ++n) {
    const float* const shown = image.show(x.sample(n));
    for (Index i = 0; i < frame; ++i) frames.data()[n * frame + i] = rounded(shown[i]);
  }
  std::fill(frames.data() + x.batch() * frame, frames.data() + side * frame, BFloat16{});
  Activations result({g.output.height, g.output.width, g.taps()}, x.batch());
  Patch patch{.sample_step = frame,
              .run_step = line,
              .runs = g.kernel_height,
              .run = g.kernel_width * g.input.channels,
              .to_step = result.step};
  for (Index oy = 0; oy < g.output.height; ++oy)
    for (Index ox = 0; ox < g.output.width; ++ox) {
      patch.from =
          frames.data() + oy * g.stride_height * line + ox * g.stride_width * g.input.channels;
      patch.to = result.pixel(oy * g.output.width + ox);
      unit.gather(patch);
    }
  return result;
}

}  // namespace gloro::kernels::bfloat16
