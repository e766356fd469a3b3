// Rounding error of sums of products, y = W x + b as the kernels compute it, dense or convolution: with
// every product passing through at most d roundings, |y^ - y| <= gamma_d (|W| |x| + |b|) entry by entry
// (Higham, "Accuracy and Stability", 2002, chapter 3), and so in norm with || |W| ||_2.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro::rounding {

/// The products of a linear layer, as far as their rounding is concerned.
struct Products {
  double magnitude;  ///< || |W| ||, rounded up
  double bias;       ///< norm of the whole layer's bias, rounded up
  Index depth;       ///< roundings that a product passes through at most, on its way into an output
  Index terms;       ///< products that are summed for an output
  Index fan_out;     ///< outputs that an input reaches
  Index inputs, outputs;
};

/// gamma_d (|| |W| || n + ||b||), and what is lost to underflow: in at most 3 (terms + 1) operations of
/// an output, and with weights or inputs that are read as zero, whose partners are lost with them.
template <std::floating_point Scalar>
[[nodiscard]] RoundingBound of_products(const Products& products);

}  // namespace gloro::rounding

#ifndef GLORO_COMPILED
#include "gloro/rounding/products.ipp"
#endif
