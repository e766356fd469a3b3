// OrthogonalDense: y = W x + b with orthonormal rows of W, or columns where W is tall: it stretches no
// distance, and where W is square or tall, shrinks none. W is made of a free matrix V by a Cholesky factor
// (as in Hu, Leino, Wang and Fredrikson 2024, "A Recipe for Improved Certifiable Robustness").
#pragma once

#include <concepts>
#include <span>
#include <utility>
#include <vector>

#include "gloro/layers/dense.hpp"
#include "gloro/layers/layer.hpp"

namespace gloro {

struct OrthogonalDenseOptions {
  Index units = 1;
  bool bias = true;
};

/// V is trained; W = L^-1 V, L L^T = V V^T, is computed once a step, by refresh_lipschitz(), in double, and
/// then is what the layer multiplies by, to the last bit. So its bound and its rounding are those of the
/// numbers in W, whatever it was made by: a Dense, as which it is certified, saved and exported.
/// backward() leaves the gradient by W, and parametrization_backward() makes of it that by V.
template <std::floating_point Scalar>
class OrthogonalDense {
 public:
  static constexpr const char* type = "orthogonal_dense";

  explicit OrthogonalDense(OrthogonalDenseOptions options);
  explicit OrthogonalDense(Index units);

  [[nodiscard]] Shape output_shape(Shape input) const { return dense_.output_shape(input); }
  [[nodiscard]] double memory(Shape input) const;

  void place(Shape input);
  void draw(Random& random);

  /// V, and b if there is one.
  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();
  /// W: a run that goes on does so with the same bits.
  [[nodiscard]] std::vector<Parameter<Scalar>*> state();
  /// W.
  [[nodiscard]] const Matrix<Scalar>& weight() const { return dense_.weight(); }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    return dense_.forward(std::move(x), pass);
  }
  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    return dense_.definition(x, i);
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    return dense_.backward(std::move(dy), pass);
  }
  void parametrization_backward(std::span<GradientView<Scalar>> gradients) const;

  /// Makes W of V. Throws Error where V is zero or not finite.
  void refresh_lipschitz(int iterations);
  /// 1, whatever V is: nothing for training to follow.
  [[nodiscard]] Scalar lipschitz() const { return 1; }
  /// Of W as it stands.
  [[nodiscard]] double lipschitz_upper_bound() const { return dense_.lipschitz_upper_bound(); }
  [[nodiscard]] bool has_quick_bound() const { return dense_.has_quick_bound(); }
  [[nodiscard]] RoundingBound rounding() const { return dense_.rounding(); }

  /// No catalogue has its type: files have plain().
  [[nodiscard]] Description describe() const;
  [[nodiscard]] const Dense<Scalar>& plain() const { return dense_; }
  template <std::floating_point Other>
  [[nodiscard]] OrthogonalDense<Other> cast() const;

 private:
  template <std::floating_point>
  friend class OrthogonalDense;

  OrthogonalDenseOptions options_;
  Parameter<Scalar> original_{.name = "original"};
  Dense<Scalar> dense_;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, OrthogonalDense)
#else
#include "gloro/layers/orthogonal_dense.ipp"
#endif
