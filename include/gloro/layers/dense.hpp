// Dense: y = W x + b on the flattened sample.
#pragma once

#include <concepts>
#include <span>

#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/layers/linear_parameters.hpp"

namespace gloro {

struct DenseOptions {
  Index units = 1;
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
};

/// W is units x inputs; its Lipschitz constant is the spectral norm of W.
template <std::floating_point Scalar>
class Dense : public LinearParameters<Scalar> {
  using Base = LinearParameters<Scalar>;
  using Base::bias_, Base::bias_data, Base::has_bias, Base::right_, Base::weight_;

 public:
  static constexpr const char* type = "dense";

  explicit Dense(DenseOptions options);
  explicit Dense(Index units);

  [[nodiscard]] Shape output_shape(Shape input) const;

  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);

  /// A kernel as large as its image.
  [[nodiscard]] kernels::ConvolutionGeometry convolution() const;

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  /// y_i = sum over j of W_ij x_j, and b_i.
  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  void refresh_lipschitz(int iterations, Workers* workers = nullptr);
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const;
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  [[nodiscard]] bool has_quick_bound() const;
  [[nodiscard]] RoundingBound rounding() const;

  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Dense from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] Dense<Other> cast() const;

 private:
  template <std::floating_point>
  friend class Dense;

  /// W v, for power iteration.
  [[nodiscard]] Vector<Scalar> apply(const Eigen::Ref<const Vector<Scalar>>& v,
                                     Workers* workers = nullptr) const;

  DenseOptions options_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Dense)
#else
#include "gloro/layers/dense.ipp"
#endif
