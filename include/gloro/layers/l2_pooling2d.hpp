// L2Pooling2D: the norm of each window, sqrt(sum x^2). A norm is 1-Lipschitz, so windows side by side are;
// where an input lies in up to c windows, a squared distance counts up to c times: sqrt(c), as for
// MaxPooling2D. Of the whole image it is global L2 pooling (PoolingOptions).
#pragma once

#include <concepts>

#include "gloro/layers/layer.hpp"
#include "gloro/layers/pooling_window.hpp"

namespace gloro {

/// The 2-norm of each window; its gradient where the window is all zero is taken for zero.
template <std::floating_point Scalar>
class L2Pooling2D {
 public:
  static constexpr const char* type = "l2_pooling2d";

  explicit L2Pooling2D(PoolingOptions options = {});
  explicit L2Pooling2D(Index pool);

  [[nodiscard]] Shape output_shape(Shape input) const;
  void place(Shape input);

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] Scalar lipschitz() const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  /// n squares and sums lose g = gamma_n of the sum, of which the root leaves g / (2 - g), and its own.
  [[nodiscard]] RoundingBound rounding() const;
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static L2Pooling2D from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] L2Pooling2D<Other> cast() const;

 private:
  template <std::floating_point>
  friend class L2Pooling2D;

  detail::PoolingWindow window_;
  kernels::ConvolutionGeometry geometry_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, L2Pooling2D)
#else
#include "gloro/layers/l2_pooling2d.ipp"
#endif
