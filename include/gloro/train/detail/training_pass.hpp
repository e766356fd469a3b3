// TrainingPass: how a shard's samples go through the model and their gradients come back. One a shard: it
// keeps what the way back needs.
#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <utility>

#include "gloro/core/parameter.hpp"
#include "gloro/core/tape.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

template <std::floating_point Scalar>
class TrainingPass {
 public:
  TrainingPass() = default;
  TrainingPass(const TrainingPass&) = delete;
  TrainingPass& operator=(const TrainingPass&) = delete;
  virtual ~TrainingPass() = default;

  /// Before the first chunk: forgets a pass that did not come back. What `gradients` hold, a view for each
  /// of the model's parameters, no longer counts.
  virtual void begin(std::span<GradientView<Scalar>> gradients) = 0;
  /// Of a chunk of samples.
  [[nodiscard]] virtual Tensor<Scalar> logits(Tensor<Scalar> x) = 0;
  /// Adds to the gradients that begin() was given.
  virtual void backward(Tensor<Scalar> dlogits, std::span<GradientView<Scalar>> gradients) = 0;
};

/// Makes passes, and follows the weights.
template <std::floating_point Scalar>
class TrainingPasses {
 public:
  TrainingPasses() = default;
  TrainingPasses(const TrainingPasses&) = delete;
  TrainingPasses& operator=(const TrainingPasses&) = delete;
  virtual ~TrainingPasses() = default;

  /// Before the passes of a batch: the weights may have moved.
  virtual void prepare(Workers& workers) = 0;
  [[nodiscard]] virtual std::unique_ptr<TrainingPass<Scalar>> pass() const = 0;
};

/// The model's own passes. It must outlive them.
template <std::floating_point Scalar>
class ScalarPasses final : public TrainingPasses<Scalar> {
 public:
  explicit ScalarPasses(const GloroModel<Scalar>& model) : model_(model) {}

  void prepare(Workers&) override {}
  [[nodiscard]] std::unique_ptr<TrainingPass<Scalar>> pass() const override {
    return std::make_unique<OwnPass>(model_);
  }

 private:
  class OwnPass final : public TrainingPass<Scalar> {
   public:
    explicit OwnPass(const GloroModel<Scalar>& model) : model_(model) {}

    void begin(std::span<GradientView<Scalar>> gradients) override {
      for (auto& gradient : gradients) gradient.setZero();
      tape_.clear();
    }
    [[nodiscard]] Tensor<Scalar> logits(Tensor<Scalar> x) override {
      return model_.logits(std::move(x), {.tape = &tape_});
    }
    void backward(Tensor<Scalar> dlogits, std::span<GradientView<Scalar>> gradients) override {
      (void)model_.backward(std::move(dlogits),
                            {.tape = tape_, .gradients = gradients, .input_gradient = false});
    }

   private:
    const GloroModel<Scalar>& model_;
    Tape<Scalar> tape_;
  };

  const GloroModel<Scalar>& model_;
};

}  // namespace gloro
