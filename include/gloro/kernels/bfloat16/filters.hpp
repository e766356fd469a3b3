// Filters: the weights of a convolution as its products in bfloat16 want them, rounded and in blocks.
#pragma once

#include <algorithm>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/kernels/bfloat16/activations.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::kernels::bfloat16 {

/// Filters (ky, kx, ci, co) and bias of a convolution, as its products want them.
class Filters {
 public:
  explicit Filters(const ConvolutionGeometry& g)
      : geometry_(g),
        taps_(g.kernel_height * g.kernel_width),
        inputs_(blocks_of(g.input.channels)),
        outputs_(blocks_of(g.output.channels)),
        forward_(size()),
        transposed_(size()),
        bias_(static_cast<std::size_t>(outputs_ * side)) {}

  /// Pieces of work that round() is made of.
  [[nodiscard]] Index strips() const { return taps_ * inputs_; }

  /// Takes over the filters that read one block of input channels at one tap.
  void round(const Operations& unit, const float* filters, Index strip) {
    const Index tap = strip / inputs_, input = strip % inputs_;
    const Index channels = geometry_.output.channels;
    const Index rows = std::min(side, geometry_.input.channels - input * side);
    const float* const from = filters + (tap * geometry_.input.channels + input * side) * channels;
    for (Index output = 0; output < outputs_; ++output) {
      FilterBlock block{
          .from = from + output * side,
          .from_step = channels,
          .pairs = forward_.data() + place(output, tap * inputs_ + input, strips()),
          .transposed_pairs =
              transposed_.data() + place(input, tap * outputs_ + output, taps_ * outputs_)};
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
  /// `bias` may be null.
  void set_bias(const float* bias) {
    std::fill_n(bias_.data(), outputs_ * side, 0.0F);
    if (bias) std::copy_n(bias, geometry_.output.channels, bias_.data());
  }

  [[nodiscard]] const ConvolutionGeometry& geometry() const { return geometry_; }
  [[nodiscard]] Index input_blocks() const { return inputs_; }
  [[nodiscard]] Index output_blocks() const { return outputs_; }
  /// The blocks (ky, kx, input block) that make a block of outputs.
  [[nodiscard]] const BFloat16* forward(Index output) const {
    return forward_.data() + place(output, 0, strips());
  }
  /// The blocks (ky, kx, output block) that make a block of inputs' gradients.
  [[nodiscard]] const BFloat16* transposed(Index input) const {
    return transposed_.data() + place(input, 0, taps_ * outputs_);
  }
  [[nodiscard]] const float* bias(Index output) const { return bias_.data() + output * side; }

 private:
  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(
        checked_product(checked_product(taps_ * block_size, inputs_), outputs_));
  }
  [[nodiscard]] static Index place(Index first, Index second, Index seconds) {
    return (first * seconds + second) * block_size;
  }

  ConvolutionGeometry geometry_;
  Index taps_, inputs_, outputs_;  // the latter in blocks
  Buffer<BFloat16> forward_, transposed_;
  Buffer<float> bias_;
};

}  // namespace gloro::kernels::bfloat16
