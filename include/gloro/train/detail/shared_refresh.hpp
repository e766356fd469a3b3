// SharedRefresh: power iteration of a step, the layers shared out among the processes. A layer's
// iteration is one chain of products that cannot be cut, so each layer has one process that does it and
// sends the new singular vectors to all: the same bits as if every process had done them all.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/model/detail/for_layers.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

template <std::floating_point Scalar>
class SharedRefresh {
 public:
  /// `model` and `processes` must outlive this.
  SharedRefresh(GloroModel<Scalar>& model, Processes& processes)
      : model_(model), processes_(processes) {
    if (processes.count() > 1) share_out();
  }

  /// As model.refresh_lipschitz(), by all processes together.
  void operator()(int iterations, Workers& workers) {
    if (processes_.count() == 1) return model_.refresh_lipschitz(iterations, workers);
    model_.refresh_lipschitz(iterations, own_layers_, workers);
    std::vector<Processes::Part> parts;
    for (const auto& [owner, vector] : vectors_)
      parts.push_back(
          {owner, std::as_writable_bytes(std::span(
                      vector->value.data(), static_cast<std::size_t>(vector->value.size())))});
    processes_.gather_parts(parts);
  }

 private:
  /// The most expensive layer first, each to the process that has least to do so far.
  void share_out() {
    const auto& layers = model_.layers();
    std::vector<double> costs;
    for (std::size_t l = 0; l < layers.size(); ++l)
      costs.push_back(detail::cost_of(layers[l], model_.output_shape(l)));
    const std::vector<std::size_t> order =
        detail::dearest_first(detail::all_of(layers.size()), costs);
    std::vector<double> loads(static_cast<std::size_t>(processes_.count()));
    const auto all = model_.state();
    std::vector<std::span<Parameter<Scalar>* const>> vectors_of;
    for (auto rest = std::span(all); const auto& layer : layers) {
      vectors_of.push_back(rest.first(layer.state().size()));
      rest = rest.subspan(vectors_of.back().size());
    }
    for (const std::size_t l : order) {
      const auto vectors = vectors_of[l];
      const auto least = std::min_element(loads.begin(), loads.end());
      const int owner = static_cast<int>(least - loads.begin());
      // A layer that keeps no vectors has nothing to send: whatever it does, all do.
      if (vectors.empty() || owner == processes_.rank()) own_layers_.push_back(l);
      if (vectors.empty()) continue;
      *least += costs[l];
      for (auto* vector : vectors) vectors_.push_back({owner, vector});
    }
  }

  GloroModel<Scalar>& model_;
  Processes& processes_;
  std::vector<std::size_t> own_layers_;
  struct Owned {
    int owner;
    Parameter<Scalar>* vector;
  };
  std::vector<Owned> vectors_;
};

}  // namespace gloro
