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

/// For a computed input of norm n: both linear in it.
struct Growth {
  RoundingBound norm{1, 0};  ///< of the computed value
  RoundingBound error{};     ///< of its distance from what exact layers make of the same input

  /// Through one layer: with its stretch s and its rounding r, e' = s e + r(n), and n' = s n + ||f(0)|| +
  /// r(n), ||f(0)|| from the layer's own evaluation.
  template <std::floating_point Scalar>
  void pass(const AnyLayer<Scalar>& layer, const Shape& input) {
    const double stretch = layer.lipschitz_upper_bound();
    const RoundingBound rounding = layer.rounding();
    Tensor<Scalar> zero(input, 1);
    zero.matrix().setZero();
    const Tensor<Scalar> image = layer.forward(std::move(zero), {});
    RoundingBound at_zero{0, rounding.absolute};
    if (!(image.matrix().array() == 0).all())
      at_zero.absolute =
          rounding::add_up(at_zero.absolute, NormBound<Scalar>(image.shape().size())(image.data()));
    const RoundingBound fresh = rounding.at(norm);
    error = stretch * error + fresh;
    norm = stretch * norm + at_zero + fresh;
  }
};

}  // namespace gloro::detail
