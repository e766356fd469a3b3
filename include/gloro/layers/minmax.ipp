// The bodies of minmax.hpp.
#pragma once

#include "gloro/layers/minmax.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/kernels/minmax.hpp"
#include "gloro/layers/described_options.hpp"

namespace gloro {

template <std::floating_point Scalar>
MinMax<Scalar>::MinMax(MinMaxPairs pairs) : pairs_(pairs) {}

template <std::floating_point Scalar>
Shape MinMax<Scalar>::output_shape(Shape input) const {
  if (input.channels % 2 != 0)
    throw ShapeError(message("MinMax pairs channels: expected an even number, got ", input));
  return input;
}

template <std::floating_point Scalar>
Tensor<Scalar> MinMax<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  if (!pass.tape) {
    kernels::minmax<Scalar>(
        {.size = x.size(), .span = span(x.shape()), .x = x.data(), .y = x.data()});
    return x;
  }
  Tensor<Scalar> y(x.shape(), x.batch());
  kernels::minmax<Scalar>(
      {.size = x.size(), .span = span(x.shape()), .x = x.data(), .y = y.data()});
  pass.keep(std::move(x));
  return y;
}

template <std::floating_point Scalar>
double MinMax<Scalar>::definition(const Tensor<double>& x, Index i) const {
  const Index apart = span(x.shape());
  const bool is_first = i % (2 * apart) < apart;
  const double one = x.data()[i], other = x.data()[is_first ? i + apart : i - apart];
  return is_first ? std::min(one, other) : std::max(one, other);
}

template <std::floating_point Scalar>
Tensor<Scalar> MinMax<Scalar>::backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> x = pass.tape.pop();
  kernels::minmax_backward<Scalar>(
      {.size = x.size(), .span = span(x.shape()), .x = x.data(), .dy = dy.data()});
  return dy;
}

template <std::floating_point Scalar>
Description MinMax<Scalar>::describe() const {
  if (pairs_ == MinMaxPairs::adjacent) return {type};
  return {type, {{"pairs", std::string("halves")}}};
}

template <std::floating_point Scalar>
MinMax<Scalar> MinMax<Scalar>::from(DescribedOptions& options) {
  const bool adjacent = options.choice("pairs", {"adjacent", "halves"}, 0) == 0;
  return MinMax(adjacent ? MinMaxPairs::adjacent : MinMaxPairs::halves);
}

template <std::floating_point Scalar>
Index MinMax<Scalar>::span(const Shape& shape) const {
  return pairs_ == MinMaxPairs::adjacent ? 1 : shape.channels / 2;
}

#ifdef GLORO_COMPILING
template class MinMax<float>;
template class MinMax<double>;
GLORO_HELD_LAYER(, MinMax)
#endif

}  // namespace gloro
