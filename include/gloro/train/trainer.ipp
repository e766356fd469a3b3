// The bodies of trainer.hpp. What they do is written in detail/training_run.hpp.
#pragma once

#include "gloro/train/trainer.hpp"

#include <concepts>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "gloro/train/detail/training_run.hpp"

namespace gloro {

template <std::floating_point Scalar>
Trainer<Scalar>::Trainer(GloroModel<Scalar>& model, TrainerOptions<Scalar> options)
    : run_(std::make_unique<TrainingRun<Scalar>>(model, std::move(options))) {}

template <std::floating_point Scalar>
Trainer<Scalar>::Trainer(Trainer&&) noexcept = default;

template <std::floating_point Scalar>
Trainer<Scalar>::~Trainer() = default;

template <std::floating_point Scalar>
Index Trainer<Scalar>::epoch() const {
  return run_->epoch();
}

template <std::floating_point Scalar>
const StepReport& Trainer<Scalar>::current() const {
  return run_->current();
}

template <std::floating_point Scalar>
const std::vector<EpochReport>& Trainer<Scalar>::reports() const {
  return run_->reports();
}

template <std::floating_point Scalar>
Workers& Trainer<Scalar>::workers() {
  return run_->workers();
}

template <std::floating_point Scalar>
const TrainerOptions<Scalar>& Trainer<Scalar>::options() const {
  return run_->options();
}

template <std::floating_point Scalar>
double Trainer<Scalar>::test_epsilon() const {
  return run_->test_epsilon();
}

template <std::floating_point Scalar>
Metrics Trainer<Scalar>::step(const data::Mixture& train, std::span<const Index> which,
                              double epoch) {
  return run_->step(train, which, epoch);
}

template <std::floating_point Scalar>
void Trainer<Scalar>::save_checkpoint(OutputFile file) {
  run_->save_checkpoint(std::move(file));
}

template <std::floating_point Scalar>
Index Trainer<Scalar>::resume(const std::filesystem::path& path, const data::Mixture& train,
                              const data::Dataset& test, MoreEpochs more) {
  return run_->resume(path, train, test, more == MoreEpochs::allowed);
}

template <std::floating_point Scalar>
Metrics Trainer<Scalar>::fit_all(const data::Mixture& train, const data::Dataset& test,
                                 ObserverList observers) {
  return run_->fit(train, test, observers);
}

#ifdef GLORO_COMPILING
template class Trainer<float>;
template class Trainer<double>;
#endif

}  // namespace gloro
