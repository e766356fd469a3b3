// Metrics: what is counted over a set of samples while a model learns, by the estimated constants that
// training follows. The figures to quote are proved (certify/certified_metrics.hpp).
#pragma once

#include <concepts>
#include <span>

#include "gloro/core/compiled.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/guarantee.hpp"
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

  Metrics& operator+=(const Metrics& other);

  /// Counts one batch of logits (classes x samples).
  template <std::floating_point Scalar>
  void count(const Tensor<Scalar>& logits, std::span<const int> labels,
             const Matrix<Scalar>& margins, Scalar epsilon,
             const Guarantee& guarantee = Guarantee::top_1());

 private:
  [[nodiscard]] double share(double sum) const {
    return samples > 0 ? sum / static_cast<double>(samples) : 0.0;
  }
};

/// Clean accuracy, and VRA and rejection rate at `epsilon` as the model's estimated constants have
/// them, for its guarantee.
template <std::floating_point Scalar>
[[nodiscard]] Metrics evaluate(const GloroModel<Scalar>& model, const data::Dataset& dataset,
                               double epsilon, Workers& workers);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/metrics.ipp"
#endif
