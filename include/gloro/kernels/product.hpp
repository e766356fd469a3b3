// The product of a dense layer, W x + b. W is outputs x inputs, x is inputs x batch, y is outputs x
// batch, all column-major: outputs fastest in W, so that a column of W is what one input value adds to
// the outputs. A contraction over packed blocks.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"

namespace gloro {
class Workers;
}

namespace gloro::kernels {

/// Operands of multiply. `weights` are outputs x inputs, all matrices column-major.
template <std::floating_point Scalar>
struct Product {
  Index outputs = 0, inputs = 0, batch = 1;
  const Scalar* weights = nullptr;
  const Scalar* bias = nullptr;  ///< outputs, or null for zeros
  const Scalar* x = nullptr;     ///< inputs x batch
  Scalar* y = nullptr;           ///< outputs x batch
};

/// y = W x + bias. With `workers` they share out the outputs of each of a few samples. The bits of a
/// sample depend neither on its batch nor on the workers.
template <std::floating_point Scalar>
void multiply(const Product<Scalar>& p, Workers* workers = nullptr);

}  // namespace gloro::kernels

#ifndef GLORO_COMPILED
#include "gloro/kernels/product.ipp"
#endif
