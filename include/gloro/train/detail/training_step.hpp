// TrainingStep: one step of a training, and all the state that steps move: weights, singular vectors and
// what the optimizer remembers.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/data/mixture.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/detail/batch_gradient.hpp"
#include "gloro/train/detail/shared_refresh.hpp"
#include "gloro/train/detail/team.hpp"
#include "gloro/train/metrics.hpp"
#include "gloro/train/optimizer.hpp"
#include "gloro/train/trainer_options.hpp"

namespace gloro {

/// Refreshes the power iterates, takes the gradient of a batch and moves the weights. Of several
/// processes each moves its segment, and all gather them; and each all matrices that move as a whole.
template <std::floating_point Scalar>
class TrainingStep {
 public:
  /// `model` and the options' processes must outlive this.
  TrainingStep(GloroModel<Scalar>& model, const TrainerOptions<Scalar>& options)
      : model_(model),
        parameters_(model.parameters()),
        refresh_(model, options.together()),
        gradient_(model, options.together(), options.shards, options.products),
        team_(options.together(), gradient_.segments()),
        optimizer_(options.optimizer, parameters_, options.weight_decay, options.lookahead) {}

  /// On the samples `which` of `train`, at `epoch` (fractional) of the run. Throws Error if the loss is
  /// no longer a number.
  Metrics operator()(const TrainerOptions<Scalar>& options, const data::Mixture& train,
                     std::span<const Index> which, double epoch, Workers& workers) {
    refresh_(options.power_iterations, workers);
    gradient_.multiply_in(options.products_at(epoch));
    const auto gather = [&](Index first, Index count) {
      const auto chosen =
          which.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
      Tensor<Scalar> batch = train.batch<Scalar>(chosen);
      options.augmentation.apply(batch, chosen, options.seed, static_cast<std::uint64_t>(epoch));
      return batch;
    };
    const Metrics metrics = gradient_.compute(
        model_.layer_lipschitz(workers), gather, train.labels(which), options.loss,
        static_cast<Scalar>(options.epsilon.at(epoch, options.epochs)),
        options.lambda_factor.at(epoch, options.epochs), workers);
    if (!std::isfinite(metrics.loss))
      throw Error(
          message("training diverged: the loss became ", metrics.loss, " at epoch ", epoch));
    Gradients<Scalar>& gradients = gradient_.gradients();
    // A parametrization needs all of a layer's gradient, the norm all there are, a matrix its own.
    if (model_.is_parametrized() || options.clip_norm > 0 || optimizer_.moves_matrices())
      team_.gather(gradients.flat());
    if (model_.is_parametrized()) model_.parametrization_backward(gradients.views(), workers);
    if (options.clip_norm > 0) clip_norm(gradients, options.clip_norm);
    optimizer_.step(parameters_, gradients, options.learning_rate.at(epoch, options.epochs),
                    workers, gradient_.segments().own());
    team_.gather_weights(parameters_);
    return metrics;
  }

  /// What layers make of their parameters is made anew, of those after the last step.
  void refresh(Workers& workers) { refresh_(0, workers); }

  /// The iterates trail behind weights that move; before an epoch's figures are taken they catch up.
  void settle(Workers& workers) {
    constexpr int iterations = 50;
    refresh_(iterations, workers);
    gather_optimizer();
  }

  /// Every process gets all of the optimizer's state.
  void gather_optimizer() {
    for (auto* column : optimizer_.state()) team_.gather(column->value);
    gathered_steps_ = optimizer_.steps();
  }
  /// Whether this process has all of the optimizer's state.
  [[nodiscard]] bool is_whole() const {
    return team_.is_alone() || optimizer_.steps() == gathered_steps_;
  }

  /// Steps taken so far.
  [[nodiscard]] Index steps() const { return optimizer_.steps(); }
  /// Goes on after `steps` steps, once state() has been filled.
  void resume(Index steps) {
    optimizer_.resume(steps);
    gathered_steps_ = steps;
  }

  /// Everything that a step reads and writes.
  [[nodiscard]] std::vector<std::span<Scalar>> state() {
    std::vector<std::span<Scalar>> all;
    for (const auto& list : {parameters_, model_.state(), optimizer_.state()})
      for (auto* array : list)
        all.emplace_back(array->value.data(), static_cast<std::size_t>(array->value.size()));
    return all;
  }

  /// A gradient that overflowed shows in the loss only at the next step, which may never come: throws
  /// Error unless all values are finite. `epoch`: done so far, for the error.
  void require_finite(Index epoch) {
    const auto is_finite = [](Scalar value) { return std::isfinite(value); };
    const auto constants = model_.layer_lipschitz();
    bool holds = std::all_of(constants.begin(), constants.end(), is_finite);
    for (const auto& part : state())
      holds = holds && std::all_of(part.begin(), part.end(), is_finite);
    if (!holds)
      throw Error(
          message("training diverged: its weights are no longer finite in epoch ", epoch + 1));
  }

  [[nodiscard]] Team<Scalar>& team() { return team_; }

 private:
  GloroModel<Scalar>& model_;
  std::vector<Parameter<Scalar>*> parameters_;
  SharedRefresh<Scalar> refresh_;
  BatchGradient<Scalar> gradient_;
  Team<Scalar> team_;
  Optimizer<Scalar> optimizer_;
  Index gathered_steps_ = 0;  // of the optimizer when all processes last had all of its state
};

}  // namespace gloro
