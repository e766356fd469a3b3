// Filters: the weights of a convolution as its products in bfloat16 want them, rounded and in blocks.
#pragma once

#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/kernels/bfloat16/activations.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::kernels::bfloat16 {

/// Filters (ky, kx, ci, co) and bias of a convolution, as its products want them.
class Filters {
 public:
  explicit Filters(const ConvolutionGeometry& g);

  /// Pieces of work that round() is made of.
  [[nodiscard]] Index strips() const { return taps_ * inputs_; }

  /// Takes over the filters that read one block of input channels at one tap.
  void round(const Operations& unit, const float* filters, Index strip);
  /// `bias` may be null.
  void set_bias(const float* bias);

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
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] static Index place(Index first, Index second, Index seconds) {
    return (first * seconds + second) * block_size;
  }

  ConvolutionGeometry geometry_;
  Index taps_, inputs_, outputs_;  // the latter in blocks
  Buffer<BFloat16> forward_, transposed_;
  Buffer<float> bias_;
};

}  // namespace gloro::kernels::bfloat16

#ifndef GLORO_COMPILED
#include "gloro/kernels/bfloat16/filters.ipp"
#endif
