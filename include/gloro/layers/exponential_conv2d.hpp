// ExponentialConv2D: y = x + A x + A^2 x / 2 + A^3 x / 6 + A^4 x / 24, A a convolution: the exponential of
// A to the fourth order, a Runge-Kutta step of x' = A x. Where A is skew-symmetric, exp(A) is orthogonal
// (SOC: Singla and Feizi 2021, "Skew Orthogonal Convolutions").
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <vector>

#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/layer.hpp"

namespace gloro {

struct ExponentialConv2DOptions {
  Extent kernel = 3;  ///< of A: odd, for what it reads lies around the pixel it writes
};

/// Keeps its input's shape: A has stride 1, `same` padding and as many filters as channels; on flat samples
/// it is a matrix. The weights are A's, whatever they are. Its bound is 1 while A is skew-symmetric, to the
/// last bit, and ||A|| <= sqrt(8); beyond, and for other A, it grows with ||A|| (docs/soundness.md).
/// OrthogonalConv2D keeps A skew-symmetric in training.
template <std::floating_point Scalar>
class ExponentialConv2D {
 public:
  static constexpr const char* type = "exponential_conv2d";

  explicit ExponentialConv2D(ExponentialConv2DOptions options = {});

  [[nodiscard]] Shape output_shape(Shape input) const { return conv(input).output_shape(input); }
  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);

  /// A's filters, as those of a Conv2D.
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() { return conv_.parameters(); }
  [[nodiscard]] std::vector<Parameter<Scalar>*> state() { return conv_.state(); }
  [[nodiscard]] const Matrix<Scalar>& weight() const { return conv_.weight(); }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;
  /// Of small layers: of others it would take as long as the evaluation of an image.
  [[nodiscard]] std::optional<double> definition(const Tensor<double>& x, Index i) const;
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  void refresh_lipschitz(int iterations, Workers* workers = nullptr);
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const;
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  [[nodiscard]] bool has_quick_bound() const { return conv_.has_quick_bound(); }
  /// Product by product, from the inmost: the error of each is stretched by those after it.
  [[nodiscard]] RoundingBound rounding() const;

  /// The estimate of ||A||.
  [[nodiscard]] Scalar norm() const { return conv_.lipschitz(); }
  /// Whether A^T = -A, to the last bit.
  [[nodiscard]] bool is_skew() const;
  /// A made skew-symmetric: (V - V^T) / 2, to the last bit so, and A itself where it is so already.
  [[nodiscard]] Matrix<Scalar> skew(const Matrix<Scalar>& v) const;

  [[nodiscard]] Description describe() const;
  [[nodiscard]] static ExponentialConv2D from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] ExponentialConv2D<Other> cast() const;

 private:
  template <std::floating_point>
  friend class ExponentialConv2D;

  static constexpr int order = 4;

  /// A on such inputs.
  [[nodiscard]] Conv2D<Scalar> conv(const Shape& input) const;

  ExponentialConv2DOptions options_;
  Conv2D<Scalar> conv_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, ExponentialConv2D)
#else
#include "gloro/layers/exponential_conv2d.ipp"
#endif
