// Trainer: a run of steps (TrainingStep) over the epochs of a data set, its observers, and how it goes on
// from a file.
//
// The same seed gives the same bits for any number of threads and processes, and a resumed run goes on
// as if it had never stopped: order and augmentation are drawn from (seed, epoch, sample) alone.
#pragma once

#include <concepts>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "gloro/core/output_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/data/mixture.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/metrics.hpp"
#include "gloro/train/observer.hpp"
#include "gloro/train/reports.hpp"
#include "gloro/train/trainer_options.hpp"

namespace gloro {

template <std::floating_point Scalar>
class TrainingRun;  // detail/training_run.hpp

/// Whether a run may be gone on with for more epochs than it was begun with.
enum class MoreEpochs { refused, allowed };

/// Trains a model in place. The model must outlive the trainer. Processes that train together each have
/// a trainer, made and called alike: all end with the same model, and the first alone writes files and
/// tells observers.
template <std::floating_point Scalar>
class Trainer {
 public:
  Trainer(GloroModel<Scalar>& model, TrainerOptions<Scalar> options);
  Trainer(Trainer&&) noexcept;
  ~Trainer();

  /// Runs the epochs that are left, on images or on a mixture. Observers are told of every step and
  /// epoch, in the order given: anything that has `step(const StepReport&)` or `epoch(const EpochReport&)`, or a pointer to it; one
  /// that returns true stops the run. Returns the metrics on `test` after the last epoch done, or none
  /// where an observer or options.should_stop ended the run in the middle of one. Throws Error if
  /// the loss or a weight is no longer a number, and before the first step if the run was resumed with
  /// other data, or if processes that train together differ in the model, the data or the options.
  template <typename... Observers>
  Metrics fit(const data::Mixture& train, const data::Dataset& test, Observers&&... observers) {
    return fit_all(train, test, {any_observer(observers)...});
  }

  /// Epochs done.
  [[nodiscard]] Index epoch() const;
  /// Of the epoch under way; its step is 0 between two epochs.
  [[nodiscard]] const StepReport& current() const;
  /// Of the epochs done, those before a resume included; known to the first process.
  [[nodiscard]] const std::vector<EpochReport>& reports() const;
  [[nodiscard]] Workers& workers();
  [[nodiscard]] const TrainerOptions<Scalar>& options() const;
  [[nodiscard]] double test_epsilon() const;

  /// One step on the samples `which` of `train`, at `epoch` (fractional) of the run.
  Metrics step(const data::Mixture& train, std::span<const Index> which, double epoch);

  /// Writes all that a resumed run needs, whole or not at all, if this is the first process: after an
  /// epoch, or once fit() has stopped. In the middle of it each of several processes knows its own part
  /// of the optimizer's state only. Throws Error, the old file untouched, if the run has diverged.
  void save_checkpoint(OutputFile file);

  /// Goes on from a checkpoint of a run with the same beginning, options and data, by any number of
  /// processes; throws FileError if it is damaged, or of another run, and then says what differs. The
  /// first process reads for all. Returns how many epochs the run was to take. Where more are allowed
  /// than that, every schedule is from here on the one of a run of options().epochs, and the run no
  /// longer the one that such a run would have been from the start.
  Index resume(const std::filesystem::path& path, const data::Mixture& train,
               const data::Dataset& test, MoreEpochs more = MoreEpochs::refused);

 private:
  Metrics fit_all(const data::Mixture& train, const data::Dataset& test, ObserverList observers);

  std::unique_ptr<TrainingRun<Scalar>> run_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/trainer.ipp"
#endif
