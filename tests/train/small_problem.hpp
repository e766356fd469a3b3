// A problem small enough to train in milliseconds: images whose class shows in where they are bright,
// and a convolutional network for them.
#pragma once

#include <utility>
#include <vector>

#include "gloro/data/dataset.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/grouped_conv2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/orthogonal_dense.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/model/gloro_model.hpp"

namespace small_problem {

using namespace gloro;

inline constexpr Shape shape{6, 6, 1};
inline constexpr int classes = 3;

/// Images of noise with two bright rows of their class; labels in turn.
inline data::Dataset dataset(Index samples, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> pixels;
  std::vector<int> labels;
  for (Index n = 0; n < samples; ++n) {
    const auto label = static_cast<int>(random.below(classes));
    labels.push_back(label);
    for (Index i = 0; i < shape.size(); ++i) {
      const bool is_bright = i / (2 * shape.width) == label;
      pixels.push_back(static_cast<float>((is_bright ? 0.7 : 0.2) + 0.15 * random.normal()));
    }
  }
  return {"bright rows", shape, std::move(pixels), std::move(labels), classes};
}

template <typename Scalar>
GloroModel<Scalar> network(std::uint64_t seed = 1) {
  return GloroModel<Scalar>(
      shape,
      {Conv2D<Scalar>({.filters = 4, .kernel = 3, .stride = 2}), MinMax<Scalar>(), Dense<Scalar>(6),
       MinMax<Scalar>(), Dense<Scalar>(classes)},
      seed);
}

/// Of layers that compute with what is made of their parameters, two of them inside another layer.
template <typename Scalar>
GloroModel<Scalar> parametrized(std::uint64_t seed = 1) {
  return GloroModel<Scalar>(
      shape,
      {GroupedConv2D<Scalar>({.filters = 4, .kernel = 2, .stride = 2, .dilation = 2}),
       MinMax<Scalar>(), OrthogonalDense<Scalar>(8), MinMax<Scalar>(), OrthogonalDense<Scalar>(10),
       Residual<Scalar>({.body = {Parallel<Scalar>(
                             {.branches = {OrthogonalDense<Scalar>(10), OrthogonalDense<Scalar>(10),
                                           MinMax<Scalar>()}})}}),
       MinMax<Scalar>(), Dense<Scalar>(classes)},
      seed);
}

/// Every weight, bias and singular vector, one after the other.
template <typename Scalar>
std::vector<Scalar> bits(GloroModel<Scalar>& model) {
  std::vector<Scalar> all;
  for (const auto& list : {model.parameters(), model.state()})
    for (const auto* parameter : list)
      all.insert(all.end(), parameter->value.data(),
                 parameter->value.data() + parameter->value.size());
  return all;
}

}  // namespace small_problem
