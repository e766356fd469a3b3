// Growth: what rounding and stretching make of a computed input on its way through layers, before it is
// known: the a priori form of lemma 2 (docs/soundness.md).
#pragma once

#include <concepts>
#include <utility>

#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/rounding/bound.hpp"
#include "gloro/rounding/norm_bound.hpp"

namespace gloro::detail {

/// ||f(0)||, rounded up, from the layer's own evaluation.
template <std::floating_point Scalar>
[[nodiscard]] double norm_at_zero(const AnyLayer<Scalar>& layer, const Shape& input) {
  Tensor<Scalar> zero(input, 1);
  zero.matrix().setZero();
  const Tensor<Scalar> image = layer.forward(std::move(zero), {});
  if ((image.matrix().array() == 0).all()) return 0;
  return NormBound<Scalar>(image.shape().size())(image.data());
}

/// For a computed input of norm n: both linear in it.
struct Growth {
  RoundingBound norm{1, 0};  ///< of the computed value
  RoundingBound error{};     ///< of its distance from what exact layers make of the same input

  /// Through one layer: with its stretch s and its rounding r, e' = s e + r(n), and n' = s n + ||f(0)|| +
  /// r(n).
  template <std::floating_point Scalar>
  void pass(const AnyLayer<Scalar>& layer, const Shape& input) {
    const double stretch = layer.lipschitz_upper_bound();
    const RoundingBound rounding = layer.rounding();
    RoundingBound at_zero{0, rounding.absolute};
    if (const double size = norm_at_zero(layer, input); size > 0)
      at_zero.absolute = rounding::add_up(at_zero.absolute, size);
    const RoundingBound fresh = rounding.at(norm);
    error = stretch * error + fresh;
    norm = stretch * norm + at_zero + fresh;
  }
};

}  // namespace gloro::detail
