// Scaling: one trained factor for the whole signal, with Lipschitz constant |factor|.
#pragma once

#include <concepts>
#include <span>
#include <vector>

#include "gloro/layers/layer.hpp"

namespace gloro {

template <std::floating_point Scalar>
class Scaling {
 public:
  static constexpr const char* type = "scaling";

  explicit Scaling(Scalar factor = 1);

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  void place(Shape input);

  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters();

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] Scalar lipschitz() const;
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const;
  [[nodiscard]] double lipschitz_upper_bound() const;
  /// One product a value.
  [[nodiscard]] RoundingBound rounding() const;
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static Scaling from(DescribedOptions&);
  template <std::floating_point Other>
  [[nodiscard]] Scaling<Other> cast() const;

 private:
  [[nodiscard]] Scalar factor() const { return factor_.value(0, 0); }

  Parameter<Scalar> factor_;
  Index size_ = 0;
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, Scaling)
#else
#include "gloro/layers/scaling.ipp"
#endif
