// LinearMap: the products of a layer with its weights W, a matrix on flat samples, a convolution on
// images; and its adjoint, a map of the same kind with the same weights in another order. For
// layers that use W more than once.
#pragma once

#include <concepts>

#include "gloro/core/parameter.hpp"
#include "gloro/kernels/convolution.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/kernels/packing.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/kernels/product_gradients.hpp"
#include "gloro/layers/linear_rounding.hpp"
#include "gloro/lipschitz/convolution_bound.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"

namespace gloro {

/// Weights are outputs x (kernel rows * columns * input channels), as Conv2D and Dense have them.
class LinearMap {
 public:
  LinearMap() = default;
  explicit LinearMap(const kernels::ConvolutionGeometry& geometry) : geometry_(geometry) {}

  [[nodiscard]] const kernels::ConvolutionGeometry& geometry() const { return geometry_; }

  /// Values that it and its adjoint copy for one sample.
  [[nodiscard]] double scratch() const {
    return is_matrix() ? 0 : kernels::scratch(geometry_) + kernels::scratch(adjoint().geometry_);
  }

  /// y = W x + bias, `batch` samples. `bias` may be null.
  template <std::floating_point Scalar>
  void apply(const Matrix<Scalar>& weight, const Scalar* bias, const Scalar* x, Scalar* y,
             Index batch) const {
    if (is_matrix())
      kernels::multiply<Scalar>({.outputs = weight.rows(),
                                 .inputs = weight.cols(),
                                 .batch = batch,
                                 .weights = weight.data(),
                                 .bias = bias,
                                 .x = x,
                                 .y = y});
    else
      kernels::convolve<Scalar>({.geometry = geometry_,
                                 .filters = weight.data(),
                                 .bias = bias,
                                 .x = x,
                                 .y = y,
                                 .batch = batch});
  }
  template <std::floating_point Scalar>
  [[nodiscard]] Tensor<Scalar> apply(const Matrix<Scalar>& weight, const Scalar* bias,
                                     const Tensor<Scalar>& x) const {
    Tensor<Scalar> y(geometry_.output, x.batch());
    apply(weight, bias, x.data(), y.data(), x.batch());
    return y;
  }
  /// Of one sample.
  template <std::floating_point Scalar>
  [[nodiscard]] Matrix<Scalar> apply(const Matrix<Scalar>& weight, const Matrix<Scalar>& x) const {
    Matrix<Scalar> y(geometry_.output.size(), 1);
    apply<Scalar>(weight, nullptr, x.data(), y.data(), 1);
    return y;
  }

  /// Adds the gradient by W of sum(dy * (W x)).
  template <std::floating_point Scalar>
  void add_gradient(const Scalar* x, const Scalar* dy, GradientView<Scalar>& gradient,
                    Index batch) const {
    if (is_matrix())
      kernels::outer_add<Scalar>({.outputs = gradient.rows(),
                                  .inputs = gradient.cols(),
                                  .batch = batch,
                                  .x = x,
                                  .dy = dy,
                                  .dweights = gradient.data()});
    else
      kernels::correlate_filters<Scalar>(
          {.geometry = geometry_, .x = x, .dy = dy, .dfilters = gradient.data(), .batch = batch});
  }

  /// W^T as a map; only for stride 1, where it is a convolution too.
  [[nodiscard]] LinearMap adjoint() const {
    kernels::ConvolutionGeometry back = geometry_;
    back.input = geometry_.output;
    back.output = geometry_.input;
    back.pad_top = geometry_.kernel_height - 1 - geometry_.pad_top;
    back.pad_left = geometry_.kernel_width - 1 - geometry_.pad_left;
    return LinearMap(back);
  }
  /// Its weights: those of W, the kernel turned by half a turn, inputs and outputs exchanged.
  template <std::floating_point Scalar>
  [[nodiscard]] Matrix<Scalar> adjoint_weights(const Matrix<Scalar>& weight) const {
    const Index taps = geometry_.kernel_height * geometry_.kernel_width;
    const Index inputs = geometry_.input.channels, outputs = weight.rows();
    Matrix<Scalar> turned(inputs, taps * outputs);
    for (Index tap = 0; tap < taps; ++tap)
      kernels::pack_transposed<Scalar>({.rows = inputs,
                                        .columns = outputs,
                                        .from = weight.data() + (taps - 1 - tap) * inputs * outputs,
                                        .from_step = outputs,
                                        .to = turned.data() + tap * outputs * inputs,
                                        .to_step = inputs});
    return turned;
  }

  /// Never below ||W||; +infinity for weights that are not finite.
  template <std::floating_point Scalar>
  [[nodiscard]] double upper_bound(const Matrix<Scalar>& weight) const {
    return is_matrix() ? lipschitz::dense_upper_bound(weight)
                       : lipschitz::convolution_upper_bound(geometry_, weight);
  }
  /// Whether that is the quick bound, for a better would cost too much.
  template <std::floating_point Scalar>
  [[nodiscard]] bool has_quick_bound(const Matrix<Scalar>& weight) const {
    if (!is_matrix()) return !lipschitz::has_tight_convolution_bound(geometry_);
    return !lipschitz::has_tight_dense_bound(weight.rows(), weight.cols(),
                                             static_cast<double>(weight.size()));
  }
  /// || |W| ||, rounded up: a bound of ||W|| too, several times above it but found at once.
  template <std::floating_point Scalar>
  [[nodiscard]] double magnitude(const Matrix<Scalar>& weight) const {
    return is_matrix() ? lipschitz::dense_magnitude(weight)
                       : lipschitz::convolution_magnitude(geometry_, weight);
  }
  /// Of apply(). `bias` may have no rows.
  template <std::floating_point Scalar>
  [[nodiscard]] RoundingBound rounding(const Matrix<Scalar>& weight,
                                       const Matrix<Scalar>& bias) const {
    return is_matrix() ? dense_rounding(weight, bias)
                       : convolution_rounding(geometry_, weight, bias);
  }

 private:
  /// One pixel in, one out, and a kernel of one.
  [[nodiscard]] bool is_matrix() const {
    return geometry_.input.is_flat() && geometry_.output.is_flat() &&
           geometry_.kernel_height == 1 && geometry_.kernel_width == 1 && geometry_.pad_top == 0 &&
           geometry_.pad_left == 0;
  }

  kernels::ConvolutionGeometry geometry_;
};

}  // namespace gloro
