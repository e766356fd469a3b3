// What kernels promise, whatever instruction set they are compiled for: to proofs, how deep their sums
// are; to loaders, what memory they take.
#pragma once

#include <algorithm>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/convolution_geometry.hpp"

namespace gloro::kernels {

/// How a long sum is taken: in `blocks` blocks of at most `block` terms, a block one term after the
/// other from zero, and the blocks one after the other on top of a start value. A rounding error
/// grows with the longest chain, block + blocks, instead of the number of terms.
struct Summation {
  static constexpr Index longest_block = 64;

  Index blocks, block;

  explicit Summation(Index terms)
      : blocks(std::max<Index>(1, (terms + longest_block - 1) / longest_block)),
        block((terms + blocks - 1) / blocks) {}

  /// No product, and not the start value, passes through more roundings, its own included.
  [[nodiscard]] Index depth() const { return block + blocks; }
};

/// No product of `multiply`, and no bias, passes through more roundings than this, its own
/// multiplication counted.
[[nodiscard]] Index product_depth(Index inputs);

/// No product of `convolve`, and no bias, passes through more roundings than this, its own
/// multiplication counted.
[[nodiscard]] Index summation_depth(const ConvolutionGeometry& geometry);

/// Values that a convolution and its transpose copy for one sample, no fewer: the image with its
/// margins, the gradients with theirs, filters in whole vectors. Also for extents that nobody has
/// tried: a double does not overflow.
[[nodiscard]] double scratch(const ConvolutionGeometry& g);

}  // namespace gloro::kernels

#ifndef GLORO_COMPILED
#include "gloro/kernels/promises.ipp"
#endif
