// The bodies of orthogonal_conv2d.hpp.
#pragma once

#include "gloro/layers/orthogonal_conv2d.hpp"

#include "gloro/core/error.hpp"

namespace gloro {

template <std::floating_point Scalar>
OrthogonalConv2D<Scalar>::OrthogonalConv2D(OrthogonalConv2DOptions options)
    : options_(options), turn_({.kernel = options.kernel}) {}

template <std::floating_point Scalar>
void OrthogonalConv2D<Scalar>::place(Shape input) {
  turn_.place(input);
  original_.value = turn_.weight();
  original_.layout = turn_.parameters()[0]->layout;
}

template <std::floating_point Scalar>
void OrthogonalConv2D<Scalar>::draw(Random& random) {
  turn_.draw(random);
  Matrix<Scalar>& a = turn_.parameters()[0]->value;
  a = turn_.skew(a);
  turn_.refresh_lipschitz(20);
  if (const Scalar norm = turn_.norm(); norm > 0) a /= norm;
  original_.value = a;
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> OrthogonalConv2D<Scalar>::state() {
  std::vector<Parameter<Scalar>*> all = turn_.state();
  all.insert(all.begin(), turn_.parameters()[0]);
  return all;
}

/// A takes half of V from either of two places, with opposite signs: so does the gradient.
template <std::floating_point Scalar>
void OrthogonalConv2D<Scalar>::parametrization_backward(
    std::span<GradientView<Scalar>> gradients) const {
  gradients[0] = turn_.skew(gradients[0]);
}

template <std::floating_point Scalar>
void OrthogonalConv2D<Scalar>::refresh_lipschitz(int iterations, Workers* workers) {
  turn_.parameters()[0]->value = turn_.skew(original_.value);
  turn_.refresh_lipschitz(iterations, workers);
}

template <std::floating_point Scalar>
Description OrthogonalConv2D<Scalar>::describe() const {
  Description description = turn_.describe();
  description.type = type;
  return description;
}

template <std::floating_point Scalar>
template <std::floating_point Other>
OrthogonalConv2D<Other> OrthogonalConv2D<Scalar>::cast() const {
  OrthogonalConv2D<Other> other(options_);
  other.original_.value = original_.value.template cast<Other>();
  other.original_.layout = original_.layout;
  other.turn_ = turn_.template cast<Other>();
  return other;
}

#ifdef GLORO_COMPILING
template class OrthogonalConv2D<float>;
template class OrthogonalConv2D<double>;
GLORO_LAYER_CASTS(OrthogonalConv2D)
GLORO_HELD_LAYER(, OrthogonalConv2D)
#endif

}  // namespace gloro
