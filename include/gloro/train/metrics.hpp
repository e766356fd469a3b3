// Metrics: what is counted over a set of samples while a model learns, by the estimated constants that
// training follows. The figures to quote are proved (certify/certified_metrics.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "gloro/data/dataset.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

/// A sample is right where its top class is the true one, and answered where by the estimate the bottom
/// logit does not win. Under a relaxed guarantee the answer is a set, so that the estimated VRA may
/// exceed clean accuracy (as the original package's `rtk_vra`).
struct Metrics {
  Index samples = 0;
  Index right = 0;               ///< the top class is the true one
  Index answered = 0;            ///< by the estimate there is an answer at epsilon
  Index right_and_answered = 0;  ///< and the true class is in it
  double loss = 0;               ///< sum, where a loss was computed

  [[nodiscard]] double clean_accuracy() const { return share(static_cast<double>(right)); }
  [[nodiscard]] double estimated_vra() const {
    return share(static_cast<double>(right_and_answered));
  }
  [[nodiscard]] double estimated_rejection_rate() const {
    return share(static_cast<double>(samples - answered));
  }
  [[nodiscard]] double mean_loss() const { return share(loss); }

  Metrics& operator+=(const Metrics& other) {
    samples += other.samples;
    right += other.right;
    answered += other.answered;
    right_and_answered += other.right_and_answered;
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
      answered += bottom.size > 0;
      right_and_answered += bottom.size > 0 && (is_right || rank_of(y.col(n), truth) < bottom.size);
    }
  }

 private:
  [[nodiscard]] double share(double sum) const {
    return samples > 0 ? sum / static_cast<double>(samples) : 0.0;
  }
};

/// Clean accuracy, and VRA and rejection rate at `epsilon` as the model's estimated constants have
/// them, for its guarantee.
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
    const auto labels =
        std::span(dataset.labels())
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
