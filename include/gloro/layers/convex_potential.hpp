// ConvexPotential: y = x - h W^T relu(W x + b), a gradient step down a convex potential (CPL:
// Meunier, Delattre, Araujo and Allauzen 2022, "A Dynamical System Perspective for Lipschitz Neural
// Networks"), 1-Lipschitz where h ||W||^2 <= 2.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <vector>

#include "gloro/layers/layer.hpp"
#include "gloro/layers/linear_map.hpp"
#include "gloro/layers/linear_parameters.hpp"
#include "gloro/layers/window.hpp"

namespace gloro {

struct ConvexPotentialOptions {
  Index hidden = 0;   ///< rows of W, or its filters; 0: as many as the sample has channels
  Extent kernel = 3;  ///< of W on images, stride 1, `same` padding; on flat samples W is a matrix
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
  /// h where it is fixed, as in a file. Without it every step of power iteration sets h = 2 / sigma^2,
  /// sigma the estimate of ||W||, and training follows h.
  std::optional<double> scale = {};
};

/// Lipschitz for whatever W and h: relu(s) - relu(t) = D (s - t) with a diagonal D of numbers from
/// 0 to 1, so that two outputs differ by (I - h W^T D W) (x - x'). For h >= 0 that matrix is
/// symmetric with eigenvalues from 1 - h ||W||^2 to 1, and its norm at most max(1, h ||W||^2 - 1).
/// W^T is a convolution too, with kernels that promise how deep they sum.
template <std::floating_point Scalar>
class ConvexPotential : public LinearParameters<Scalar> {
  using Base = LinearParameters<Scalar>;
  using Base::bias_, Base::bias_data, Base::has_bias, Base::right_, Base::weight_;

 public:
  static constexpr const char* type = "convex_potential";

  explicit ConvexPotential(ConvexPotentialOptions options = {});

  [[nodiscard]] Shape output_shape(Shape input) const;

  /// W is held twice, its adjoint in another order, and W x is kept beside the sample.
  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);

  /// The vector of power iteration, and h.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();
  [[nodiscard]] Scalar scale() const { return scale_.value(0, 0); }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  /// y_i = x_i - h times the sum over all (W x + b)_u > 0 that read x_i of W_ui (W x + b)_u.
  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  void refresh_lipschitz(int iterations);
  [[nodiscard]] Scalar lipschitz() const;
  /// None while h follows W: the constant is 1 whatever W is.
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  [[nodiscard]] double lipschitz_upper_bound() const;

  [[nodiscard]] bool has_quick_bound() const;

  /// Step by step for an input of norm n, every bound a RoundingBound in n. With r1, r2 the
  /// rounding of the two products and N >= ||W||: relu(W x + b) is off by r1(n), of norm at most N
  /// n + ||b|| + r1(n); W^T of it off by N r1(n) + r2(that norm); the last product and difference
  /// cost gamma_2 of the sum of their magnitudes.
  [[nodiscard]] RoundingBound rounding() const;

  [[nodiscard]] Description describe() const;
  [[nodiscard]] static ConvexPotential from(DescribedOptions& options);
  template <std::floating_point Other>
  [[nodiscard]] ConvexPotential<Other> cast() const;

 private:
  template <std::floating_point>
  friend class ConvexPotential;

  [[nodiscard]] bool is_following() const { return !options_.scale; }

  [[nodiscard]] kernels::ConvolutionGeometry on(const Shape& input) const;

  [[nodiscard]] Tensor<Scalar> transposed(const Tensor<Scalar>& u) const;

  /// sigma^2 for the stored vector.
  [[nodiscard]] double squared_norm() const;

  /// h = 2 / ||W v||^2 with v held: dh = -2 h (W v) v^T / ||W v||^2. `slope`: h times the
  /// derivative by h.
  void add_gradient_of_scale(Scalar slope, GradientView<Scalar>& gradient) const;

  ConvexPotentialOptions options_;
  LinearMap map_;
  Parameter<Scalar> scale_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, ConvexPotential)
#else
#include "gloro/layers/convex_potential.ipp"
#endif
