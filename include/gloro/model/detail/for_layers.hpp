// What is done once a step with some layers, shared out among threads in the better of two ways.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::detail {

/// Products that one application of a layer takes, about.
template <std::floating_point Scalar>
[[nodiscard]] double cost_of(const AnyLayer<Scalar>& layer, const Shape& output) {
  Index weights = 0;
  for (const auto* parameter : layer.parameters()) weights += parameter->value.size();
  return static_cast<double>(weights) * static_cast<double>(output.height) *
         static_cast<double>(output.width);
}

[[nodiscard]] inline std::vector<std::size_t> all_of(std::size_t layers) {
  std::vector<std::size_t> all(layers);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

/// body(l, workers) for each of the layers `which`: side by side, with null for workers; or, where the
/// dearest would keep most threads waiting, one after the other, each with all of the workers.
template <std::floating_point Scalar, typename Body>
void for_layers(std::span<const AnyLayer<Scalar>> layers, std::span<const Shape> outputs,
                std::span<const std::size_t> which, Workers& workers, Body&& body) {
  double all = 0, dearest = 0;
  for (const std::size_t l : which) {
    const double cost = cost_of(layers[l], outputs[l]);
    all += cost;
    dearest = std::max(dearest, cost);
  }
  if (dearest * workers.threads() > 1.25 * all && workers.threads() > 1)
    for (const std::size_t l : which) body(l, &workers);
  else
    workers.for_each(static_cast<Index>(which.size()), [&](Index i) {
      body(which[static_cast<std::size_t>(i)], static_cast<Workers*>(nullptr));
    });
}

}  // namespace gloro::detail
