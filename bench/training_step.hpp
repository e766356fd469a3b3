// TrainingStep: one step after another on a network, with the GloRo loss as Trainer runs it, or as
// the same network would be trained without any Lipschitz constant.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "gloro/data/batches.hpp"
#include "gloro/loss/cross_entropy.hpp"
#include "gloro/train/detail/batch_gradient.hpp"
#include "gloro/train/trainer.hpp"
#include "networks.hpp"

namespace bench {

enum class TrainingLoss { gloro, standard };

class TrainingStep {
 public:
  TrainingStep(const Network& network, TrainingLoss loss, Index batch, int threads, Index samples,
               gloro::Products products = gloro::Products::scalar)
      : batch_(batch),
        dataset_(network.dataset(samples)),
        model_(std::make_unique<gloro::GloroModel<float>>(network.model())),
        order_(gloro::data::epoch_order(samples, 1, 0)) {
    gloro::TrainerOptions<float> options{.epochs = 1'000'000,
                                         .batch_size = batch,
                                         .epsilon = network.epsilon,
                                         .loss = gloro::Trades{.lambda = 1.5},
                                         .products = products,
                                         .threads = threads};
    if (loss == TrainingLoss::gloro)
      trainer_.emplace(*model_, std::move(options));
    else
      standard_.emplace(*model_, threads);
  }

  /// Does one step; returns its mean loss.
  double operator()() {
    const auto which = gloro::data::batch_of(order_, batch_, next_);
    next_ = (next_ + 1) % (dataset_.size() / batch_);
    if (trainer_) return trainer_->step(dataset_, which, 0).mean_loss();
    return standard_->step(dataset_, which).mean_loss();
  }

  [[nodiscard]] Index batch() const { return batch_; }
  [[nodiscard]] const gloro::GloroModel<float>& model() const { return *model_; }

 private:
  /// Trainer::step without power iteration and without a look at a constant.
  struct Standard {
    Standard(gloro::GloroModel<float>& trained, int threads)
        : model(trained),
          parameters(trained.parameters()),
          workers(std::make_unique<gloro::Workers>(threads)),
          gradient(trained),
          optimizer(gloro::Adam{}, parameters),
          ones(trained.layers().size(), 1.0F) {}

    gloro::Metrics step(const gloro::data::Dataset& dataset, std::span<const Index> which) {
      const auto gather = [&](Index first, Index count) {
        return dataset.batch<float>(
            which.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
      };
      const gloro::Metrics metrics =
          gradient.compute(ones, gather, dataset.labels(which), loss, 0.0F, 1, *workers);
      optimizer.step(parameters, gradient.gradients(), 1e-3, *workers);
      return metrics;
    }

    gloro::GloroModel<float>& model;
    std::vector<gloro::Parameter<float>*> parameters;
    std::unique_ptr<gloro::Workers> workers;
    gloro::BatchGradient<float> gradient;
    gloro::Optimizer<float> optimizer;
    std::vector<float> ones;
    gloro::Loss<float> loss = gloro::StandardCrossEntropy{};
  };

  Index batch_;
  gloro::data::Dataset dataset_;
  std::unique_ptr<gloro::GloroModel<float>> model_;
  std::vector<Index> order_;
  Index next_ = 0;
  std::optional<gloro::Trainer<float>> trainer_;
  std::optional<Standard> standard_;
};

/// The network after a few steps: float proves its answers as it does those of a trained one, whereas
/// the margins of an untrained one are lost in the rounding.
inline gloro::GloroModel<float> briefly_trained(const Network& network, int threads = 0) {
  constexpr Index steps = 40, batch = 128;
  TrainingStep step(network, TrainingLoss::gloro, batch, threads, 8 * batch);
  for (Index i = 0; i < steps; ++i) (void)step();
  return step.model();
}

}  // namespace bench
