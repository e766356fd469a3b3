// Networks for the tests of certificates: with weights given by hand, and random ones.
#pragma once

#include <cmath>
#include <initializer_list>
#include <utility>
#include <vector>

#include "gloro/core/random.hpp"
#include "gloro/layers/activations.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/channel_affine.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/downsampling.hpp"
#include "gloro/layers/group_sort.hpp"
#include "gloro/layers/householder.hpp"
#include "gloro/layers/l2_pooling2d.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/normalization.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/model/gloro_model.hpp"

namespace networks {

using namespace gloro;

/// Sets all parameters of a model, in order.
template <typename Scalar>
void set_parameters(GloroModel<Scalar>& model, const std::vector<Matrix<Scalar>>& values) {
  const auto parameters = model.parameters();
  if (parameters.size() != values.size()) throw Error("as many values as parameters, please");
  for (std::size_t p = 0; p < values.size(); ++p) {
    if (parameters[p]->value.rows() != values[p].rows() ||
        parameters[p]->value.cols() != values[p].cols())
      throw Error(message("parameter ", p, " has other extents"));
    parameters[p]->value = values[p];
  }
}

/// A head alone: logits W x + b.
template <typename Scalar>
GloroModel<Scalar> linear(const Matrix<Scalar>& weight, const Matrix<Scalar>& bias) {
  GloroModel<Scalar> model(Shape::flat(weight.cols()), {Dense<Scalar>(weight.rows())});
  set_parameters<Scalar>(model, {weight, bias});
  return model;
}

template <typename Scalar>
Matrix<Scalar> column(std::initializer_list<Scalar> values) {
  Matrix<Scalar> result(static_cast<Index>(values.size()), 1);
  Index i = 0;
  for (const Scalar value : values) result(i++, 0) = value;
  return result;
}

/// A batch of one.
template <typename Scalar>
Tensor<Scalar> point(std::initializer_list<Scalar> values) {
  Tensor<Scalar> x(Shape::flat(static_cast<Index>(values.size())), 1);
  x.matrix() = column<Scalar>(values);
  return x;
}

template <typename Scalar>
Tensor<Scalar> random_batch(const Shape& shape, Index batch, Random random, double scale = 1) {
  Tensor<Scalar> x(shape, batch);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Scalar>(scale * random.normal());
  return x;
}

/// A small network of each family, with random biases.
inline GloroModel<float> random_network(int family, std::uint64_t seed) {
  const auto build = [&]() -> GloroModel<float> {
    switch (family) {
      case 0:
        return {
            Shape::flat(6),
            {Dense<float>(8), MinMax<float>(), Dense<float>(8), MinMax<float>(), Dense<float>(4)},
            seed};
      case 1:
        return {{8, 8, 2},
                {Conv2D<float>({.filters = 4, .kernel = 3}), MinMax<float>(),
                 Conv2D<float>({.filters = 6, .kernel = 4, .stride = 2}), MinMax<float>(),
                 Dense<float>(10), MinMax<float>(), Dense<float>(5)},
                seed};
      case 2:
        return {{7, 9, 3},
                {Normalization<float>({0.5F, 0.4F, 0.3F}, {4, 3, 5}),
                 Conv2D<float>({.filters = 6, .kernel = {3, 2}, .stride = {2, 1}}), ReLU<float>(),
                 AveragePooling2D<float>(2), Scaling<float>(1.7F), Dense<float>(9), ReLU<float>(),
                 Dense<float>(3)},
                seed};
      case 3:
        return {{6, 6, 2},
                {Conv2D<float>({.filters = 6, .kernel = 3}), Householder<float>(0.7F),
                 L2Pooling2D<float>({.pool = 3, .stride = 2, .padding = Padding::same}),
                 ChannelAffine<float>(), Dense<float>(8), GroupSort<float>(4), Dense<float>(4)},
                seed};
      case 4:
        return {Shape::flat(6),
                {Dense<float>(8), Tanh<float>(), Dense<float>(8), LeakyReLU<float>(-0.4F),
                 Dense<float>(8), Softplus<float>(2), Dense<float>(8), Abs<float>(),
                 Dense<float>(8), ELU<float>(), Dense<float>(3)},
                seed};
      default:
        return {{8, 8, 1},
                {InvertibleDownsampling<float>(2),
                 Conv2D<float>({.filters = 8, .kernel = 3, .bias = false}), MaxPooling2D<float>(2),
                 MinMax<float>(MinMaxPairs::halves), Dense<float>(6), Scaling<float>(-0.3F),
                 Dense<float>(4)},
                seed};
    }
  };
  GloroModel<float> model = build();
  Random random(seed, 77);
  for (auto* parameter : model.parameters())
    if (parameter->name == "bias")
      for (float& b : parameter->value.reshaped()) b = static_cast<float>(0.2 * random.normal());
  return model;
}
inline constexpr int families = 6;

}  // namespace networks
