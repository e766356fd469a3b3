// LinearMap: the products of a layer with its weights W, a matrix on flat samples, a convolution on
// images; and its adjoint, a map of the same kind with the same weights in another order. For
// layers that use W more than once.
#pragma once

#include <concepts>

#include "gloro/core/parameter.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

/// Weights are outputs x (kernel rows * columns * input channels), as Conv2D and Dense have them.
class LinearMap {
 public:
  LinearMap() = default;
  explicit LinearMap(const kernels::ConvolutionGeometry& geometry) : geometry_(geometry) {}

  [[nodiscard]] const kernels::ConvolutionGeometry& geometry() const { return geometry_; }

  /// Values that it and its adjoint copy for one sample.
  [[nodiscard]] double scratch() const;

  /// y = W x + bias, `batch` samples. `bias` may be null.
  template <std::floating_point Scalar>
  void apply(const Matrix<Scalar>& weight, const Scalar* bias, const Scalar* x, Scalar* y,
             Index batch) const;
  template <std::floating_point Scalar>
  [[nodiscard]] Tensor<Scalar> apply(const Matrix<Scalar>& weight, const Scalar* bias,
                                     const Tensor<Scalar>& x) const;
  /// Of one sample.
  template <std::floating_point Scalar>
  [[nodiscard]] Matrix<Scalar> apply(const Matrix<Scalar>& weight, const Matrix<Scalar>& x) const;

  /// Adds the gradient by W of sum(dy * (W x)).
  template <std::floating_point Scalar>
  void add_gradient(const Scalar* x, const Scalar* dy, GradientView<Scalar>& gradient,
                    Index batch) const;

  /// W^T as a map; only for stride 1, where it is a convolution too.
  [[nodiscard]] LinearMap adjoint() const;
  /// Its weights: those of W, the kernel turned by half a turn, inputs and outputs exchanged.
  template <std::floating_point Scalar>
  [[nodiscard]] Matrix<Scalar> adjoint_weights(const Matrix<Scalar>& weight) const;

  /// Never below ||W||; +infinity for weights that are not finite.
  template <std::floating_point Scalar>
  [[nodiscard]] double upper_bound(const Matrix<Scalar>& weight) const;
  /// Whether that is the quick bound, for a better would cost too much.
  template <std::floating_point Scalar>
  [[nodiscard]] bool has_quick_bound(const Matrix<Scalar>& weight) const;
  /// || |W| ||, rounded up: a bound of ||W|| too, several times above it but found at once.
  template <std::floating_point Scalar>
  [[nodiscard]] double magnitude(const Matrix<Scalar>& weight) const;
  /// Of apply(). `bias` may have no rows.
  template <std::floating_point Scalar>
  [[nodiscard]] RoundingBound rounding(const Matrix<Scalar>& weight,
                                       const Matrix<Scalar>& bias) const;

 private:
  /// One pixel in, one out, and a kernel of one.
  [[nodiscard]] bool is_matrix() const;

  kernels::ConvolutionGeometry geometry_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/linear_map.ipp"
#endif
