// Networks for the tests of attacks: linear ones, whose true radii are known, and small random
// ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "gloro/core/random.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/model/gloro_model.hpp"

namespace networks {

using namespace gloro;

/// Gives a model's n-th parameter a value.
template <typename Scalar>
void set(GloroModel<Scalar>& model, std::size_t n, const Matrix<Scalar>& value) {
  model.parameters().at(n)->value = value;
}

/// y = W x + b.
template <typename Scalar>
GloroModel<Scalar> linear(const Matrix<Scalar>& weight, const Matrix<Scalar>& bias) {
  GloroModel<Scalar> model(Shape::flat(weight.cols()), {Dense<Scalar>(weight.rows())});
  set(model, 0, weight);
  set(model, 1, bias);
  return model;
}

template <typename Scalar>
Matrix<Scalar> normal(Index rows, Index cols, std::uint64_t seed) {
  Random random(seed);
  Matrix<Scalar> values(rows, cols);
  for (auto& value : values.reshaped()) value = static_cast<Scalar>(random.normal());
  return values;
}

/// A random linear classifier.
template <typename Scalar>
GloroModel<Scalar> random_linear(Index inputs, Index classes, std::uint64_t seed) {
  return linear<Scalar>(normal<Scalar>(classes, inputs, seed),
                        normal<Scalar>(classes, 1, seed + 1000));
}

/// A convolutional network of 6x6x2 inputs and 4 classes.
template <typename Scalar>
GloroModel<Scalar> convolutional(std::uint64_t seed) {
  GloroModel<Scalar> model(
      {6, 6, 2},
      {Conv2D<Scalar>({.filters = 6, .kernel = 3}), MinMax<Scalar>(),
       Conv2D<Scalar>({.filters = 8, .kernel = 4, .stride = 2}), MinMax<Scalar>(),
       Dense<Scalar>(12), MinMax<Scalar>(), Dense<Scalar>(4)},
      seed);
  Random random(seed + 7);
  for (auto* parameter : model.parameters())
    for (auto& value : parameter->value.reshaped())
      value += static_cast<Scalar>(0.1 * random.normal());
  return model;
}

/// Samples with values uniform in [0, 1].
template <typename Scalar>
Tensor<Scalar> images(Shape shape, Index count, std::uint64_t seed) {
  Random random(seed);
  Tensor<Scalar> batch(shape, count);
  for (Index i = 0; i < batch.size(); ++i) batch.data()[i] = static_cast<Scalar>(random.uniform());
  return batch;
}

/// The class of the largest computed logit of each sample.
template <typename Scalar>
std::vector<int> top_classes(const GloroModel<Scalar>& model, const Tensor<Scalar>& batch) {
  const Tensor<Scalar> y = model.logits(batch);
  std::vector<int> labels;
  for (Index n = 0; n < y.batch(); ++n) {
    Index top = 0;
    y.matrix().col(n).maxCoeff(&top);
    labels.push_back(static_cast<int>(top));
  }
  return labels;
}

/// The distance of sample n from the nearest other class of a linear model, in double.
template <typename Scalar>
double true_radius(const GloroModel<Scalar>& model, const Tensor<Scalar>& batch, Index n,
                   int label) {
  const Matrix<double> weight = model.head().weight().template cast<double>();
  const Vector<double> y = weight * batch.matrix().col(n).template cast<double>() +
                           model.head().bias().template cast<double>();
  double radius = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < y.size(); ++i)
    if (i != label)
      radius = std::min(radius, (y(label) - y(i)) / (weight.row(label) - weight.row(i)).norm());
  return radius;
}

}  // namespace networks
