// MaxPooling2D: taking maxima is 1-Lipschitz for windows that do not overlap; where an input lies in up
// to c windows, a squared distance counts up to c times, so sqrt(c) bounds the layer.
#pragma once

#include <concepts>

#include "gloro/layers/layer.hpp"
#include "gloro/layers/pooling_window.hpp"

namespace gloro {

/// The largest value of each window.
template <std::floating_point Scalar>
class MaxPooling2D {
 public:
  static constexpr const char* type = "max_pooling2d";

  explicit MaxPooling2D(PoolingOptions options = {});
  explicit MaxPooling2D(Index pool);

  [[nodiscard]] Shape output_shape(Shape input) const;
  void place(Shape input);

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] Scalar lipschitz() const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static MaxPooling2D from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] MaxPooling2D<Other> cast() const;

 private:
  template <std::floating_point>
  friend class MaxPooling2D;

  /// Calls visit(index of an output value, index of the input value that it is). A NaN wins its
  /// window, so that it reaches the logits and certifies nothing.
  template <typename Visit>
  void for_each_value(const Tensor<Scalar>& x, Visit&& visit) const;

  detail::PoolingWindow window_;
  kernels::ConvolutionGeometry geometry_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, MaxPooling2D)
#else
#include "gloro/layers/max_pooling2d.ipp"
#endif
