// AveragePooling2D: averaging is linear and separable, A = A_rows (x) A_columns, so its norm is the
// product of two small norms. Scaled, each window's sum is divided by the root of its pixels: windows side by
// side then have the norm 1, as "ScaledAvgPool2d" of deel-torchlip. A pool of 0 is global average pooling.
#pragma once

#include <concepts>

#include "gloro/layers/layer.hpp"
#include "gloro/layers/pooling_window.hpp"

namespace gloro {

enum class Averaging {
  mean,    ///< of the n pixels of a window
  scaled,  ///< sqrt(n) times that
};

/// The mean of each window, over the pixels of the image that lie in it.
template <std::floating_point Scalar>
class AveragePooling2D {
 public:
  static constexpr const char* type = "average_pooling2d";

  explicit AveragePooling2D(PoolingOptions options = {}, Averaging averaging = Averaging::mean);
  explicit AveragePooling2D(Index pool);

  [[nodiscard]] Shape output_shape(Shape input) const;

  /// The averaging along an axis as a matrix, in double, and copies of it for its norm.
  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const;

  /// The norm is fixed by the geometry: the estimate is the bound, within a thousandth.
  [[nodiscard]] Scalar lipschitz() const;
  [[nodiscard]] double lipschitz_upper_bound() const { return bound_; }
  [[nodiscard]] bool has_quick_bound() const;
  /// The weight itself is rounded, once, or twice where it is scaled, then n products and sums: gamma_(n + 2)
  /// or gamma_(n + 3) times || |A| || = ||A||.
  [[nodiscard]] RoundingBound rounding() const;
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static AveragePooling2D from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] AveragePooling2D<Other> cast() const;

 private:
  using Placement = detail::PoolingWindow;

  /// Norm of the averaging along one axis, as a bound: the weights 1 / n are rounded, by 2^-53 each.
  template <typename Of>
  [[nodiscard]] double axis_norm(Index inputs, Index outputs, Of of) const;

  /// Its square is at most ||A||_1 ||A||_inf: rows sum to 1, or sqrt(n) of the largest window where they are
  /// scaled, and a column to no more than the weight of the smallest window for each window over it.
  template <typename Of>
  [[nodiscard]] double quick_axis_norm(Index inputs, Index outputs, Of of) const;

  /// Whether the matrix of an axis is worth its time.
  [[nodiscard]] static bool has_tight_axis(Index inputs, Index outputs);

  [[nodiscard]] static Eigen::Map<Vector<Scalar>> channels(Tensor<Scalar>& tensor, Index offset);

  /// Of each of the n pixels of a window.
  template <typename Real>
  [[nodiscard]] Real weight(Index n) const;

  template <std::floating_point>
  friend class AveragePooling2D;

  detail::PoolingWindow window_;
  Averaging averaging_;
  kernels::ConvolutionGeometry geometry_;
  double bound_ = 0;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, AveragePooling2D)
#else
#include "gloro/layers/average_pooling2d.ipp"
#endif
