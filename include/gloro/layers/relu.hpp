// ReLU: max(x, 0), 1-Lipschitz.
#pragma once

#include <concepts>

#include "gloro/layers/layer.hpp"

namespace gloro {

template <std::floating_point Scalar>
class ReLU {
 public:
  static constexpr const char* type = "relu";

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const;

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const;

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const;

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  [[nodiscard]] Description describe() const;
  [[nodiscard]] static ReLU from(DescribedOptions&) { return {}; }
  template <std::floating_point Other>
  [[nodiscard]] ReLU<Other> cast() const {
    return {};
  }
};

}  // namespace gloro

#ifdef GLORO_COMPILED
#include "gloro/layers/detail/instances.hpp"
GLORO_HELD_LAYER(extern, ReLU)
#else
#include "gloro/layers/relu.ipp"
#endif
