// Conv2D: a two-dimensional convolution (cross-correlation, as everywhere in deep learning) on images
// with channels last, zero padding and any stride.
#pragma once

#include <concepts>
#include <span>

#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/layers/linear_parameters.hpp"
#include "gloro/layers/window.hpp"

namespace gloro {

struct Conv2DOptions {
  Index filters = 1;
  Extent kernel = 3;
  Extent stride = 1;
  Padding padding = Padding::same;
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
};

/// The weights are filters x (rows * columns * input channels), input channels fastest. The Lipschitz
/// constant is the spectral norm of the map on images of the size the layer was built for.
template <std::floating_point Scalar>
class Conv2D : public LinearParameters<Scalar> {
  using Base = LinearParameters<Scalar>;
  using Base::bias_, Base::bias_data, Base::has_bias, Base::right_, Base::weight_;

 public:
  static constexpr const char* type = "conv2d";

  explicit Conv2D(Conv2DOptions options);

  [[nodiscard]] Shape output_shape(Shape input) const;

  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);

  [[nodiscard]] kernels::ConvolutionGeometry convolution() const { return geometry_; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  void refresh_lipschitz(int iterations, Workers* workers = nullptr);
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const;
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  [[nodiscard]] bool has_quick_bound() const;
  [[nodiscard]] RoundingBound rounding() const;

  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Conv2D from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] Conv2D<Other> cast() const;

 private:
  template <std::floating_point>
  friend class Conv2D;

  [[nodiscard]] kernels::ConvolutionGeometry on(const Shape& input) const;

  /// The linear part on one image.
  [[nodiscard]] Matrix<Scalar> apply(const Matrix<Scalar>& v, Workers* workers = nullptr) const;

  Conv2DOptions options_;
  kernels::ConvolutionGeometry geometry_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Conv2D)
#else
#include "gloro/layers/conv2d.ipp"
#endif
