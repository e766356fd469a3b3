// The loop that shares a batch out among threads, and what is asked of a batch before it.
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <span>

#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::attack {

/// Calls attack(first, count) for every group of samples, on all threads. The groups' size is
/// fixed, so results do not depend on the threads.
inline void for_each_group(Index samples, Workers& workers,
                           const std::function<void(Index, Index)>& attack) {
  constexpr Index group = 16;
  workers.for_each((samples + group - 1) / group,
                   [&](Index g) { attack(g * group, std::min(group, samples - g * group)); });
}

/// Throws ShapeError or ArgumentError if samples and labels do not fit the model or each other.
template <std::floating_point Scalar>
void require_samples(const GloroModel<Scalar>& model, const Tensor<Scalar>& samples,
                     std::span<const int> labels) {
  if (samples.shape() != model.input_shape())
    throw ShapeError(
        message("the model takes inputs of ", model.input_shape(), ", got ", samples.shape()));
  if (static_cast<Index>(labels.size()) != samples.batch())
    throw ArgumentError(message(samples.batch(), " samples, but ", labels.size(), " labels"));
  for (const int label : labels)
    if (label < 0 || label >= model.classes())
      throw ArgumentError(
          message("label ", label, " of a model with ", model.classes(), " classes"));
}

}  // namespace gloro::attack
