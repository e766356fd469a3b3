// Metrics: what is counted over a set of samples. VRA, verified-robust accuracy, is the share that is
// both right and certified at epsilon; by the estimate here, as during training. The figure to quote
// is the Certifier's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "gloro/data/dataset.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/tally.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

struct Metrics : Tally {
  double loss = 0;  ///< sum, where a loss was computed

  [[nodiscard]] double mean_loss() const { return share(loss); }

  Metrics& operator+=(const Metrics& other) {
    add(other);
    loss += other.loss;
    return *this;
  }

  /// Counts one batch of logits (classes x samples).
  template <std::floating_point Scalar>
  void count(const Tensor<Scalar>& logits, std::span<const int> labels,
             const Matrix<Scalar>& margins, Scalar epsilon,
             const Guarantee& guarantee = Guarantee::top_1()) {
    const auto y = logits.matrix();
    for (Index n = 0; n < y.cols(); ++n) {
      const auto bottom = bottom_logit(y.col(n), margins, epsilon, guarantee);
      const Index truth = labels[static_cast<std::size_t>(n)];
      const bool is_right = bottom.top == truth;
      ++samples;
      right += is_right;
      certified += bottom.size > 0;
      right_and_certified +=
          bottom.size > 0 && (is_right || rank_of(y.col(n), truth) < bottom.size);
    }
  }
};

/// Clean accuracy, VRA and rejection rate at `epsilon`, by the model's estimated constants and
/// for its guarantee.
template <std::floating_point Scalar>
[[nodiscard]] Metrics evaluate(const GloroModel<Scalar>& model, const data::Dataset& dataset,
                               double epsilon, Workers& workers) {
  constexpr Index chunk = 64;
  if (!dataset.empty() && !dataset.has_labels())
    throw ArgumentError(message("the data set ", dataset.name(), " has no labels to compare with"));
  const Matrix<Scalar> margins = model.lipschitz_terms().margin_constants;
  const Index chunks = (dataset.size() + chunk - 1) / chunk;
  std::vector<Metrics> counted(static_cast<std::size_t>(chunks));
  workers.for_each(chunks, [&](Index c) {
    const Index first = c * chunk, count = std::min(chunk, dataset.size() - first);
    const auto labels = std::span(dataset.labels())
                            .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    counted[static_cast<std::size_t>(c)].count(
        model.logits(dataset.template images<Scalar>(first, count)), labels, margins,
        static_cast<Scalar>(epsilon), model.guarantee());
  });
  Metrics total;
  for (const Metrics& part : counted) total += part;
  return total;
}

}  // namespace gloro
