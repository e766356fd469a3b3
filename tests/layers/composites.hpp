// What the tests of layers made of layers share.
#pragma once

#include <utility>

#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/dense.hpp"
#include "layers/gradient_check.hpp"

namespace check {

/// A layer made for `input`, its parameters drawn anew and small: differences of what many layers make of
/// large ones are not as exact as gradient_check.hpp expects.
template <typename Scalar>
AnyLayer<Scalar> small(AnyLayer<Scalar> layer, Shape input, Random& random) {
  AnyLayer<Scalar> made = ready<Scalar>(std::move(layer), input, random);
  for (auto* parameter : made.parameters()) parameter->value *= Scalar(0.3);
  return made;
}

/// A float layer, evaluated, lies as near to its double twin as it states, for inputs of all sizes.
inline void check_rounding(const AnyLayer<float>& layer, Shape input, Random& random) {
  const AnyLayer<double> twin = layer.cast<double>();
  const RoundingBound stated = layer.rounding(), own = twin.rounding();
  const double stretch = layer.lipschitz_upper_bound();
  CHECK(stated.relative < 1e-4 * stretch);
  CHECK(own.relative < 1e-12 * stretch);
  for (const double size : {1e-30, 1e-3, 1.0, 1e6, 1e15}) {
    Tensor<float> x = random_tensor<float>(input, 10, random);
    x.matrix() *= static_cast<float>(size);
    const Tensor<float> y = layer.forward(x, {});
    const Tensor<double> exact = twin.forward(samples_as<double>(x, 0, 10), {});
    for (Index n = 0; n < 10; ++n) {
      const double norm = x.matrix().col(n).cast<double>().norm() * (1 + 1e-12);
      const double off = (y.matrix().col(n).cast<double>() - exact.matrix().col(n)).norm();
      CHECK(off <= stated.at(norm) + own.at(norm));
    }
  }
}

/// The same layer says the same of itself in both precisions, and its definition is what it computes.
inline void check_definition(const AnyLayer<double>& layer, Shape input, Random& random) {
  const Tensor<double> x = random_tensor<double>(input, 1, random);
  const Tensor<double> y = layer.forward(x, {});
  const auto all = layer.definitions(x);
  REQUIRE(all);
  CHECK(all->shape() == y.shape());
  for (Index i = 0; i < y.size(); ++i) {
    const auto defined = layer.definition(x, i);
    REQUIRE(defined);
    CHECK(*defined == all->data()[i]);
    CHECK(*defined == Approx(y.data()[i]).epsilon(1e-12).margin(1e-12));
  }
}

}  // namespace check
