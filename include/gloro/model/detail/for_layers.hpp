// What is done once a step with some layers, shared out among threads in the better of two ways.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::detail {

/// What one application of a layer takes, about, in products. A weight that is used once has to come from
/// memory, which takes as long as a few products.
template <std::floating_point Scalar>
[[nodiscard]] double cost_of(const AnyLayer<Scalar>& layer, const Shape& output) {
  constexpr Index memory = 4;
  Index weights = 0;
  for (const auto* parameter : layer.parameters()) weights += parameter->value.size();
  return static_cast<double>(weights) *
         static_cast<double>(std::max(output.height * output.width, memory));
}

[[nodiscard]] inline std::vector<std::size_t> all_of(std::size_t layers) {
  std::vector<std::size_t> all(layers);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

/// `which` in the order in which work is best handed out; of equals, the first layer first.
[[nodiscard]] inline std::vector<std::size_t> dearest_first(std::vector<std::size_t> which,
                                                            const std::vector<double>& costs) {
  std::sort(which.begin(), which.end(), [&](std::size_t a, std::size_t b) {
    return costs[a] != costs[b] ? costs[a] > costs[b] : a < b;
  });
  return which;
}

/// body(l, workers) for each of the layers `which`: side by side, the dearest first, with null for workers;
/// or, where it would keep most threads waiting and its work can be shared out, one after the other, each
/// with all of the workers.
template <std::floating_point Scalar, typename Body>
void for_layers(std::span<const AnyLayer<Scalar>> layers, std::span<const Shape> outputs,
                std::vector<std::size_t> which, bool can_be_shared, Workers& workers, Body&& body) {
  std::vector<double> costs;
  for (std::size_t l = 0; l < layers.size(); ++l) costs.push_back(cost_of(layers[l], outputs[l]));
  which = dearest_first(std::move(which), costs);
  double all = 0;
  for (const std::size_t l : which) all += costs[l];
  if (can_be_shared && workers.threads() > 1 && !which.empty() &&
      costs[which.front()] * workers.threads() > 1.25 * all)
    for (const std::size_t l : which) body(l, &workers);
  else
    workers.for_each(static_cast<Index>(which.size()), [&](Index i) {
      body(which[static_cast<std::size_t>(i)], static_cast<Workers*>(nullptr));
    });
}

}  // namespace gloro::detail
