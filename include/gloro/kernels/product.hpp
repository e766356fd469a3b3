// Products of a dense layer: W x + b, its transpose and the gradient of W. W is out x in, x is
// in x batch, y is out x batch, all column-major (out fastest in W, so that a column of W is what one
// input value adds to the outputs).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/contraction.hpp"

namespace gloro::kernels {

/// No product of `multiply` passes through more roundings than this: its own multiplication, the
/// additions and the bias counted.
[[nodiscard]] inline Index product_depth(Index inputs) { return Summation(inputs).depth(); }

/// y = W x + bias. `bias` may be null.
template <std::floating_point Scalar>
void multiply(Index outputs, Index inputs, const Scalar* weights, const Scalar* bias,
              const Scalar* x, Scalar* y, Index batch) {
  using ConstView = Eigen::Map<const Matrix<Scalar>>;
  const Summation summation(inputs);
  const ConstView w(weights, outputs, inputs), columns(x, inputs, batch);
  Eigen::Map<Matrix<Scalar>> sums(y, outputs, batch);
  if (bias)
    sums.colwise() = Eigen::Map<const gloro::Vector<Scalar>>(bias, outputs);
  else
    sums.setZero();
  for (Index k = 0; k < inputs; k += summation.block) {
    const Index terms = std::min(summation.block, inputs - k);
    sums.noalias() += w.middleCols(k, terms) * columns.middleRows(k, terms);
  }
}

/// dx = W^T dy: dx is overwritten.
template <std::floating_point Scalar>
void multiply_transposed(Index outputs, Index inputs, const Scalar* weights, const Scalar* dy,
                         Scalar* dx, Index batch) {
  using ConstView = Eigen::Map<const Matrix<Scalar>>;
  Eigen::Map<Matrix<Scalar>>(dx, inputs, batch).noalias() =
      ConstView(weights, outputs, inputs).transpose() * ConstView(dy, outputs, batch);
}

/// dweights += dy x^T, summed over the batch.
template <std::floating_point Scalar>
void outer_add(Index outputs, Index inputs, const Scalar* dy, const Scalar* x, Scalar* dweights,
               Index batch) {
  using ConstView = Eigen::Map<const Matrix<Scalar>>;
  Eigen::Map<Matrix<Scalar>>(dweights, outputs, inputs).noalias() +=
      ConstView(dy, outputs, batch) * ConstView(x, inputs, batch).transpose();
}

}  // namespace gloro::kernels
