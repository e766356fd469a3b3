// OrthogonalConv2D: y = exp(A) x to the fourth order, A a convolution that is kept skew-symmetric: a convolution
// that turns images and stretches no distance (SOC: Singla and Feizi 2021, "Skew Orthogonal Convolutions").
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "gloro/layers/exponential_conv2d.hpp"
#include "gloro/layers/layer.hpp"

namespace gloro {

struct OrthogonalConv2DOptions {
  Extent kernel = 3;  ///< of A: odd. The layer sees four times as far
};

/// V is trained; A = (V - V^T) / 2 is computed once a step, by refresh_lipschitz(). While ||A|| <= sqrt(8) no
/// distance grows, and one loses at most ||A||^6 / 144 of itself: 0.7 % where ||A|| = 1, as it is drawn. Once
/// trained, the layer is the ExponentialConv2D of A. It has no bias: ChannelAffine has.
/// backward() leaves the gradient by A, and parametrization_backward() makes of it that by V.
template <std::floating_point Scalar>
class OrthogonalConv2D {
 public:
  static constexpr const char* type = "orthogonal_conv2d";

  explicit OrthogonalConv2D(OrthogonalConv2DOptions options = {});

  [[nodiscard]] Shape output_shape(Shape input) const { return turn_.output_shape(input); }
  [[nodiscard]] double memory(Shape input) const { return 2 * turn_.memory(input); }

  void place(Shape input);
  void draw(Random& random);

  /// V.
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() { return {&original_}; }
  /// A, and the singular vector.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    return turn_.forward(std::move(x), pass);
  }
  [[nodiscard]] std::optional<double> definition(const Tensor<double>& x, Index i) const {
    return turn_.definition(x, i);
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    return turn_.backward(std::move(dy), pass);
  }
  void parametrization_backward(std::span<GradientView<Scalar>> gradients) const;

  /// Makes A of V.
  void refresh_lipschitz(int iterations, Workers* workers = nullptr);
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const {
    return turn_.lipschitz(workers);
  }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    turn_.lipschitz_backward(g, gradients);
  }
  /// Of A as it stands.
  [[nodiscard]] double lipschitz_upper_bound() const { return turn_.lipschitz_upper_bound(); }
  [[nodiscard]] bool has_quick_bound() const { return turn_.has_quick_bound(); }
  [[nodiscard]] RoundingBound rounding() const { return turn_.rounding(); }

  /// No catalogue has its type: files have plain().
  [[nodiscard]] Description describe() const;
  [[nodiscard]] const ExponentialConv2D<Scalar>& plain() const { return turn_; }
  template <std::floating_point Other>
  [[nodiscard]] OrthogonalConv2D<Other> cast() const;

 private:
  template <std::floating_point>
  friend class OrthogonalConv2D;

  OrthogonalConv2DOptions options_;
  Parameter<Scalar> original_{.name = "original", .decays = true};
  ExponentialConv2D<Scalar> turn_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, OrthogonalConv2D)
#else
#include "gloro/layers/orthogonal_conv2d.ipp"
#endif
