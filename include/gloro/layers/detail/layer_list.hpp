// Layers in a list, asked one by one: what a layer made of layers says of itself by what they say.
#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <vector>

#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/detail/in_order.hpp"

namespace gloro::detail {

template <std::floating_point Scalar>
using Layers = std::span<const AnyLayer<Scalar>>;

template <std::floating_point Scalar>
[[nodiscard]] std::vector<Parameter<Scalar>*> parameters_of(std::span<AnyLayer<Scalar>> layers) {
  std::vector<Parameter<Scalar>*> all;
  for (auto& layer : layers)
    for (auto* parameter : layer.parameters()) all.push_back(parameter);
  return all;
}

template <std::floating_point Scalar>
[[nodiscard]] std::vector<Parameter<Scalar>*> state_of(std::span<AnyLayer<Scalar>> layers) {
  std::vector<Parameter<Scalar>*> all;
  for (auto& layer : layers)
    for (auto* matrix : layer.state()) all.push_back(matrix);
  return all;
}

template <std::floating_point Scalar>
[[nodiscard]] std::vector<Scalar> estimates_of(Layers<Scalar> layers, Workers* workers = nullptr) {
  std::vector<Scalar> all;
  for (const auto& layer : layers) all.push_back(layer.lipschitz(workers));
  return all;
}

template <std::floating_point Scalar>
[[nodiscard]] std::vector<double> upper_bounds_of(Layers<Scalar> layers) {
  std::vector<double> all;
  for (const auto& layer : layers) all.push_back(layer.lipschitz_upper_bound());
  return all;
}

template <std::floating_point Scalar>
[[nodiscard]] bool any_has_quick_bound(Layers<Scalar> layers) {
  return std::any_of(layers.begin(), layers.end(),
                     [](const auto& layer) { return layer.has_quick_bound(); });
}

template <std::floating_point Scalar>
[[nodiscard]] std::vector<Description> descriptions_of(Layers<Scalar> layers) {
  std::vector<Description> all;
  for (const auto& layer : layers) all.push_back(layer.describe());
  return all;
}

template <std::floating_point Scalar>
[[nodiscard]] bool any_is_parametrized(Layers<Scalar> layers) {
  return std::any_of(layers.begin(), layers.end(),
                     [](const auto& layer) { return layer.is_parametrized(); });
}

/// Each takes its own of the gradients of all.
template <std::floating_point Scalar>
void parametrization_backward_of(Layers<Scalar> layers, std::span<GradientView<Scalar>> gradients) {
  std::size_t end = gradients.size();
  for (std::size_t l = layers.size(); l-- > 0;)
    layers[l].parametrization_backward(take_back(gradients, end, layers[l]));
}

template <std::floating_point Scalar>
[[nodiscard]] std::vector<AnyLayer<Scalar>> plain_of(Layers<Scalar> layers) {
  std::vector<AnyLayer<Scalar>> all;
  for (const auto& layer : layers) all.push_back(layer.plain());
  return all;
}

template <std::floating_point Other, std::floating_point Scalar>
[[nodiscard]] std::vector<AnyLayer<Other>> cast_of(Layers<Scalar> layers) {
  std::vector<AnyLayer<Other>> all;
  for (const auto& layer : layers) all.push_back(layer.template cast<Other>());
  return all;
}

}  // namespace gloro::detail
