// The bodies of activations.hpp.
#pragma once

#include "gloro/kernels/bfloat16/activations.hpp"

#include <algorithm>
#include <cstddef>

#include "gloro/core/compiled.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro::kernels::bfloat16 {

GLORO_INLINE Activations::Activations(Shape of, Index count)
    : shape(of),
      samples(count),
      step(blocks_of(of.channels) * side),
      values(static_cast<std::size_t>(
          checked_product(checked_product(of.height, of.width), side * step))) {}

GLORO_INLINE Activations rounded(const Tensor<float>& x) {
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

GLORO_INLINE Tensor<float> in_float(const Activations& x) {
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
