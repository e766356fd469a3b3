// The gradients of a dense layer's product, W^T dy by its input and dy x^T by W: contractions over
// packed blocks, as the product is.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"

namespace gloro {
class Workers;
}

namespace gloro::kernels {

/// Operands of multiply_transposed. `weights` are outputs x inputs, all matrices column-major.
template <std::floating_point Scalar>
struct TransposedProduct {
  Index outputs = 0, inputs = 0, batch = 1;
  const Scalar* weights = nullptr;
  const Scalar* dy = nullptr;  ///< outputs x batch
  Scalar* dx = nullptr;        ///< inputs x batch, overwritten
};

/// Operands of outer_add. All matrices are column-major.
template <std::floating_point Scalar>
struct OuterProduct {
  Index outputs = 0, inputs = 0, batch = 1;
  const Scalar* x = nullptr;   ///< inputs x batch
  const Scalar* dy = nullptr;  ///< outputs x batch
  Scalar* dweights = nullptr;  ///< outputs x inputs
};

/// dx = W^T dy. With `workers` they share out the inputs of a single sample: the same bits.
template <std::floating_point Scalar>
void multiply_transposed(const TransposedProduct<Scalar>& p, Workers* workers = nullptr);

/// dweights += dy x^T, summed over the batch.
template <std::floating_point Scalar>
void outer_add(const OuterProduct<Scalar>& p);

}  // namespace gloro::kernels

#ifndef GLORO_COMPILED
#include "gloro/kernels/product_gradients.ipp"
#endif
