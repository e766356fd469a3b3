// The bodies of relu.hpp.
#pragma once

#include "gloro/layers/relu.hpp"

#include <algorithm>

namespace gloro {

template <std::floating_point Scalar>
Tensor<Scalar> ReLU<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  // NaN stays NaN: a damaged input must not look healthy to the certificate.
  x.matrix() = x.matrix().unaryExpr([](Scalar v) { return v < 0 ? Scalar(0) : v; });
  pass.keep(x);
  return x;
}

template <std::floating_point Scalar>
double ReLU<Scalar>::definition(const Tensor<double>& x, Index i) const {
  return std::max(x.data()[i], 0.0);
}

template <std::floating_point Scalar>
Tensor<Scalar> ReLU<Scalar>::backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> y = pass.tape.pop();
  dy.matrix().array() *= (y.matrix().array() > 0).template cast<Scalar>();
  return dy;
}

template <std::floating_point Scalar>
Description ReLU<Scalar>::describe() const {
  return {type};
}

#ifdef GLORO_COMPILING
template class ReLU<float>;
template class ReLU<double>;
GLORO_HELD_LAYER(, ReLU)
#endif

}  // namespace gloro
