// Networks for the tests of files, with every layer of the library.
#pragma once

#include <vector>

#include "gloro/core/random.hpp"
#include "gloro/layers/activations.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/channel_affine.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/downsampling.hpp"
#include "gloro/layers/exponential_conv2d.hpp"
#include "gloro/layers/group_sort.hpp"
#include "gloro/layers/householder.hpp"
#include "gloro/layers/l2_pooling2d.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/normalization.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/model/gloro_model.hpp"

namespace networks {

using namespace gloro;

/// Parameters that no initializer leaves zero or one, so that a lost one shows.
template <typename Scalar>
void disturb(GloroModel<Scalar>& model, std::uint64_t seed) {
  Random random(seed);
  for (auto* parameter : model.parameters())
    for (auto& value : parameter->value.reshaped())
      value += static_cast<Scalar>(0.1 * random.normal());
}

/// Most layers once or more, odd extents, all kinds of padding; inputs of 13 x 10 x 3.
template <typename Scalar>
GloroModel<Scalar> everything(std::uint64_t seed = 7) {
  GloroModel<Scalar> model(
      {13, 10, 3},
      {Normalization<Scalar>({Scalar(0.1), Scalar(0.45), Scalar(-0.3)},
                             {Scalar(1.7), Scalar(-0.3), Scalar(2)}),
       Conv2D<Scalar>({.filters = 6, .kernel = {3, 2}, .stride = {2, 1}, .padding = Padding::same}),
       MinMax<Scalar>(), MaxPooling2D<Scalar>({.pool = 3, .stride = 2, .padding = Padding::same}),
       Conv2D<Scalar>({.filters = 4, .kernel = 3, .padding = Padding(1, 2, 0, 3), .bias = false}),
       MinMax<Scalar>(MinMaxPairs::halves), Scaling<Scalar>(Scalar(1.5)),
       Conv2D<Scalar>({.filters = 5, .kernel = 2, .padding = Padding::valid}),
       InvertibleDownsampling<Scalar>({2, 1}), ReLU<Scalar>(),
       AveragePooling2D<Scalar>({.pool = {1, 2}, .stride = 2, .padding = Padding::same}),
       Dense<Scalar>(8), MinMax<Scalar>(), Dense<Scalar>({.units = 6, .bias = false}),
       MinMax<Scalar>(), Dense<Scalar>(4)},
      seed);
  disturb(model, seed);
  return model;
}

/// A small image classifier; inputs of 6 x 5 x 2.
inline GloroModel<float> small(std::uint64_t seed = 3) {
  GloroModel<float> model(
      {6, 5, 2},
      {Conv2D<float>({.filters = 4, .kernel = 3, .stride = 2}), MinMax<float>(), Dense<float>(3)},
      seed);
  disturb(model, seed);
  return model;
}

/// The layers of LiResNet and CPL, on images and on flat samples; inputs of 6 x 5 x 2.
template <typename Scalar>
GloroModel<Scalar> potential(std::uint64_t seed = 4) {
  GloroModel<Scalar> model(
      {6, 5, 2},
      {ConvexPotential<Scalar>({.hidden = 5, .kernel = {2, 4}}), ResidualConv2D<Scalar>(),
       ConvexPotential<Scalar>({.hidden = 3, .kernel = {3, 1}, .bias = false}), Dense<Scalar>(8),
       ConvexPotential<Scalar>({.hidden = 6}), MinMax<Scalar>(), Dense<Scalar>(3)},
      seed);
  disturb(model, seed);
  return model;
}

/// The activations, on images and on flat samples; inputs of 6 x 5 x 2.
template <typename Scalar>
GloroModel<Scalar> activations(std::uint64_t seed = 6) {
  GloroModel<Scalar> model(
      {6, 5, 2},
      {Conv2D<Scalar>({.filters = 4, .kernel = 3}), Abs<Scalar>(),
       Conv2D<Scalar>({.filters = 4, .kernel = 3, .stride = 2}), LeakyReLU<Scalar>(Scalar(0.1)),
       Dense<Scalar>(12), Tanh<Scalar>(), Dense<Scalar>(12), Sigmoid<Scalar>(), Dense<Scalar>(12),
       ELU<Scalar>(Scalar(0.7)), Dense<Scalar>(12), Softplus<Scalar>(Scalar(1.3)),
       Dense<Scalar>(12), LeakyReLU<Scalar>(Scalar(-0.3)), Dense<Scalar>(3)},
      seed);
  disturb(model, seed);
  return model;
}

/// Layers of torchlip and others, poolings of whole images among them; inputs of 9 x 8 x 2.
template <typename Scalar>
GloroModel<Scalar> isometries(std::uint64_t seed = 8) {
  GloroModel<Scalar> model(
      {9, 8, 2},
      {ChannelAffine<Scalar>({.gain = false}), Conv2D<Scalar>({.filters = 6, .kernel = 3}),
       GroupSort<Scalar>(3),
       L2Pooling2D<Scalar>({.pool = 3, .stride = 2, .padding = Padding::same}),
       Householder<Scalar>(Scalar(0.6)), ExponentialConv2D<Scalar>(), ChannelAffine<Scalar>(),
       AveragePooling2D<Scalar>({.pool = 2, .stride = 1, .padding = Padding::same},
                                Averaging::scaled),
       Conv2D<Scalar>({.filters = 12, .kernel = 2}), ChannelAffine<Scalar>({.bias = false}),
       GroupSort<Scalar>(), AveragePooling2D<Scalar>({.pool = 0}), Dense<Scalar>(8),
       Householder<Scalar>(), Dense<Scalar>(8), GroupSort<Scalar>(4), ChannelAffine<Scalar>(),
       Dense<Scalar>(3)},
      seed);
  disturb(model, seed);
  return model;
}

/// Layers made of layers, in one another, on images and on flat samples; inputs of 6 x 5 x 4.
template <typename Scalar>
GloroModel<Scalar> composed(std::uint64_t seed = 5) {
  using Layers = std::vector<AnyLayer<Scalar>>;
  const auto conv = [](Index filters, Extent kernel) {
    return Conv2D<Scalar>({.filters = filters, .kernel = kernel});
  };
  const Residual<Scalar> linear({.body = {conv(4, {2, 3})}});
  GloroModel<Scalar> model(
      {6, 5, 4},
      {Residual<Scalar>({.body = {conv(8, 3), MinMax<Scalar>(), conv(4, {3, 2})}}),
       Chain<Scalar>(Layers{linear, MinMax<Scalar>(), conv(6, 2)}),
       Parallel<Scalar>({.branches = {Chain<Scalar>(), conv(2, 1),
                                      Chain<Scalar>(Layers{conv(4, 3), ReLU<Scalar>(), linear})},
                         .join = Join::concatenate}),
       Residual<Scalar>(
           {.body = {Residual<Scalar>({.body = {MinMax<Scalar>(), conv(12, 1)}}), conv(12, 3)}}),
       Parallel<Scalar>({.branches = {AveragePooling2D<Scalar>(2), MaxPooling2D<Scalar>(2)}}),
       Dense<Scalar>(8),
       Residual<Scalar>(
           {.body = {Dense<Scalar>(6), MinMax<Scalar>(),
                     Parallel<Scalar>({.branches = {Dense<Scalar>(3), Dense<Scalar>(5)},
                                       .join = Join::concatenate})}}),
       Parallel<Scalar>({.branches = {Chain<Scalar>(), Dense<Scalar>(8),
                                      Residual<Scalar>({.body = {Dense<Scalar>(8)}})}}),
       MinMax<Scalar>(), Dense<Scalar>(3)},
      seed);
  disturb(model, seed);
  return model;
}

template <typename Scalar>
Tensor<Scalar> inputs(const Shape& shape, Index batch, std::uint64_t seed) {
  Tensor<Scalar> x(shape, batch);
  Random random(seed);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Scalar>(random.uniform());
  return x;
}

/// The same bits in every parameter.
template <typename Scalar>
bool same_parameters(const GloroModel<Scalar>& a, const GloroModel<Scalar>& b) {
  const auto left = a.parameters(), right = b.parameters();
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i]->value.rows() != right[i]->value.rows() || left[i]->value != right[i]->value)
      return false;
  return true;
}

}  // namespace networks
