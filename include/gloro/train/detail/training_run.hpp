// TrainingRun: what a Trainer holds: the steps of a run over the epochs of a data set, who is told of them,
// and how the run goes on from a file. trainer.hpp says what each function does.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/data/mixture.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/detail/agreement.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/checkpoint.hpp"
#include "gloro/train/detail/bfloat16_passes.hpp"
#include "gloro/train/detail/run_identity.hpp"
#include "gloro/train/detail/statements.hpp"
#include "gloro/train/detail/team.hpp"
#include "gloro/train/detail/training_step.hpp"
#include "gloro/train/metrics.hpp"
#include "gloro/train/observer.hpp"
#include "gloro/train/reports.hpp"
#include "gloro/train/trainer_options.hpp"

namespace gloro {

template <std::floating_point Scalar>
class TrainingRun {
 public:
  TrainingRun(GloroModel<Scalar>& model, TrainerOptions<Scalar> options)
      : model_(model),
        options_(std::move(options)),
        workers_(options_.threads_of_a_process()),
        step_(model, options_),
        identity_(model) {
    model.require_extents();
    options_.check();
  }

  Metrics fit(const data::Mixture& train, const data::Dataset& test, ObserverList observers) {
    check(train);
    check(test);
    identity_.know_data(train, test);
    if (!team().is_alone()) agree_on(train.images());
    while (epoch_ < options_.epochs) {
      if (!run_steps(train, observers)) return {};
      const EpochReport report = end_epoch(test);
      if (team().is_first()) reports_.push_back(report);
      current_ = {};
      ++epoch_;
      const bool is_enough = team().is_first() && tell_all(report, observers);
      if (team().processes().first(is_enough) || epoch_ == options_.epochs) return report.test;
    }
    return team().evaluate(model_, test, test_epsilon(), workers_);
  }

  [[nodiscard]] Index epoch() const { return epoch_; }
  [[nodiscard]] const StepReport& current() const { return current_; }
  [[nodiscard]] const std::vector<EpochReport>& reports() const { return reports_; }
  [[nodiscard]] Workers& workers() { return workers_; }
  [[nodiscard]] const TrainerOptions<Scalar>& options() const { return options_; }
  [[nodiscard]] double test_epsilon() const { return options_.radius_of_test(); }

  Metrics step(const data::Mixture& train, std::span<const Index> which, double epoch) {
    return step_(options_, train, which, epoch, workers_);
  }

  void save_checkpoint(OutputFile file) {
    if (!team().is_first()) return;
    if (!identity_.knows_data())
      throw Error("a run is known by its data: there is none to save before fit() or resume()");
    if (!step_.is_whole())
      throw Error(
          "a checkpoint of several processes can be written at the end of an epoch, or when "
          "they have stopped together");
    step_.require_finite(epoch_);
    write_checkpoint(std::move(file), identity_.statements(options_, model_),
                     {epoch_, step_.steps(), current_}, reports_, step_.state());
  }

  Index resume(const std::filesystem::path& path, const data::Mixture& train,
               const data::Dataset& test, bool are_more_allowed) {
    check(train);
    check(test);
    RunIdentity<Scalar> known = identity_;  // what is refused leaves the run as it is
    known.know_data(train, test);
    const auto parts = step_.state();
    RunPosition position;
    Index planned = options_.epochs;
    if (team().is_first()) {
      std::vector<Statement> identity = known.statements(options_, model_);
      if (are_more_allowed)
        planned = allow_fewer_epochs(identity, checkpoint_identity(path), options_.epochs);
      position = read_checkpoint(path, identity, options_.epochs, reports_, parts);
    }
    identity_ = std::move(known);
    position = team().processes().first(position);
    team().share(parts);
    epoch_ = position.epochs;
    current_ = position.current;
    step_.resume(position.steps);
    return team().processes().first(planned);
  }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  void check(const data::Mixture& train) const {
    check(train.images());
    if (train.is_mixed()) check(train.extra());
  }

  void check(const data::Dataset& dataset) const {
    if (dataset.empty()) throw ArgumentError("cannot train or test on an empty data set");
    model_.require_input(dataset.shape());
    if (dataset.classes() > model_.classes())
      throw ShapeError(message("the model knows ", model_.classes(), " classes, the data set ",
                               dataset.classes()));
    if (!dataset.has_labels()) throw ArgumentError("the data set has no labels");
  }

  /// The steps that are left of an epoch; false where it was stopped before the last.
  bool run_steps(const data::Mixture& train, ObserverList observers) {
    const data::EpochBatches batches =
        train.batches(options_.batch_size, options_.seed, static_cast<std::uint64_t>(epoch_));
    StepReport& report = current_;
    report.epoch = epoch_;
    report.epochs = options_.epochs;
    report.steps = batches.count();
    const double before = report.seconds;
    const auto start = Clock::now();
    while (report.step < report.steps) {
      const double epoch = static_cast<double>(epoch_) +
                           static_cast<double>(report.step) / static_cast<double>(report.steps);
      report.epsilon = options_.epsilon.at(epoch, options_.epochs);
      report.learning_rate = options_.learning_rate.at(epoch, options_.epochs);
      report.lambda_factor = options_.lambda_factor.at(epoch, options_.epochs);
      report.train += step(train, batches.batch(report.step), epoch);
      ++report.step;
      report.seconds = before + seconds_since(start);
      if (is_to_stop(team().is_first() && tell_all(report, observers),
                     may_stop_after_step(observers))) {
        step_.refresh(workers_);
        step_.gather_optimizer();
        return false;
      }
    }
    return true;
  }

  /// Whether one of the processes was told to: by an observer, or by options.should_stop.
  [[nodiscard]] bool is_to_stop(bool is_told, bool may_be_told) {
    if (!options_.should_stop && !may_be_told) return false;
    return team().any(is_told || (options_.should_stop && options_.should_stop()));
  }

  [[nodiscard]] EpochReport end_epoch(const data::Dataset& test) {
    EpochReport done{.last = current_};
    done.seconds = current_.seconds;
    done.seconds_left = done.seconds * static_cast<double>(options_.epochs - epoch_ - 1);
    step_.settle(workers_);
    team().require_same(step_.state(), epoch_);
    step_.require_finite(epoch_);
    done.test = team().evaluate(model_, test, test_epsilon(), workers_);
    for (const Scalar constant : model_.layer_lipschitz())
      done.lipschitz.push_back(static_cast<double>(constant));
    return done;
  }

  void agree_on(const data::Dataset& train) {
    std::vector<Statement> all = identity_.statements(options_, model_);
    all.push_back(
        {"how far they have come", message(epoch_, " epochs, ", step_.steps(), " steps")});
    all.push_back(statement_of_weights("the weights", model_));
    all.push_back(statement_of_arithmetic(model_, *training_passes(model_, options_.products),
                                          train, workers_));
    require_agreement(team().processes(), all);
  }

  [[nodiscard]] Team<Scalar>& team() { return step_.team(); }

  GloroModel<Scalar>& model_;
  TrainerOptions<Scalar> options_;
  Workers workers_;
  TrainingStep<Scalar> step_;
  RunIdentity<Scalar> identity_;
  std::vector<EpochReport> reports_;
  StepReport current_;
  Index epoch_ = 0;
};

}  // namespace gloro
