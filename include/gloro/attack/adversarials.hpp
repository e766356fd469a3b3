// Adversarials: what an attack found for each sample of a batch, and the loop that shares a batch
// out among threads.
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <span>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::attack {

/// The best point for one sample.
struct Attempt {
  bool success = false;        ///< there the label is not the unique top class
  double margin = infinity;    ///< y_label less the best rival's logit
  double distance = infinity;  ///< of the point as stored, in double
};

template <std::floating_point Scalar>
struct Adversarials {
  Tensor<Scalar> points;  ///< a column a sample; where the attack failed, the best point it tried
  std::vector<Attempt> attempts;

  [[nodiscard]] Index successes() const {
    return static_cast<Index>(std::count_if(
        attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.success; }));
  }
};

/// Some columns of a tensor, in the order given.
template <std::floating_point Scalar>
[[nodiscard]] Tensor<Scalar> columns(const Tensor<Scalar>& all, std::span<const Index> which) {
  Tensor<Scalar> some(all.shape(), static_cast<Index>(which.size()));
  for (std::size_t n = 0; n < which.size(); ++n)
    std::copy_n(all.sample(which[n]), all.shape().size(), some.sample(static_cast<Index>(n)));
  return some;
}

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
