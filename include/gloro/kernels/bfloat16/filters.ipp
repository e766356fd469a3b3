// The bodies of filters.hpp.
#pragma once

#include "gloro/kernels/bfloat16/filters.hpp"

#include <algorithm>

#include "gloro/core/compiled.hpp"

namespace gloro::kernels::bfloat16 {

GLORO_INLINE Filters::Filters(const ConvolutionGeometry& g)
    : geometry_(g),
      taps_(g.kernel_height * g.kernel_width),
      inputs_(blocks_of(g.input.channels)),
      outputs_(blocks_of(g.output.channels)),
      forward_(size()),
      transposed_(size()),
      bias_(static_cast<std::size_t>(outputs_ * side)) {}

GLORO_INLINE void Filters::round(const Operations& unit, const float* filters, Index strip) {
  const Index tap = strip / inputs_, input = strip % inputs_;
  const Index channels = geometry_.output.channels;
  const Index rows = std::min(side, geometry_.input.channels - input * side);
  const float* const from = filters + (tap * geometry_.input.channels + input * side) * channels;
  for (Index output = 0; output < outputs_; ++output) {
    FilterBlock block{.from = from + output * side,
                      .from_step = channels,
                      .pairs = forward_.data() + place(output, tap * inputs_ + input, strips()),
                      .transposed_pairs = transposed_.data() +
                                          place(input, tap * outputs_ + output, taps_ * outputs_)};
    const Index columns = std::min(side, channels - output * side);
    alignas(64) float whole[block_size];
    if (rows < side || columns < side) {
      std::fill_n(whole, block_size, 0.0F);
      for (Index i = 0; i < rows; ++i)
        std::copy_n(block.from + i * channels, columns, whole + i * side);
      block.from = whole;
      block.from_step = side;
    }
    unit.round_filters(block);
  }
}

GLORO_INLINE void Filters::set_bias(const float* bias) {
  std::fill_n(bias_.data(), outputs_ * side, 0.0F);
  if (bias) std::copy_n(bias, geometry_.output.channels, bias_.data());
}

GLORO_INLINE std::size_t Filters::size() const {
  return static_cast<std::size_t>(
      checked_product(checked_product(taps_ * block_size, inputs_), outputs_));
}

}  // namespace gloro::kernels::bfloat16
