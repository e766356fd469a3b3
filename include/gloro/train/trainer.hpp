// Trainer: minimises a loss over a data set. One step refreshes the power iterates, takes the gradient
// of a batch (BatchGradient) and moves the weights (Optimizer); everything else here is bookkeeping.
//
// The same seed gives the same bits for any number of threads and processes, and a resumed run goes on
// as if it had never stopped: order and augmentation are drawn from (seed, epoch, sample) alone.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gloro/data/batches.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/agreement.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/train/batch_gradient.hpp"
#include "gloro/train/checkpoint.hpp"
#include "gloro/train/metrics.hpp"
#include "gloro/train/optimizer.hpp"
#include "gloro/train/reports.hpp"
#include "gloro/train/shared_refresh.hpp"
#include "gloro/train/statements.hpp"
#include "gloro/train/trainer_options.hpp"

namespace gloro {

/// Trains a model in place. The model must outlive the trainer. Processes that train together each have
/// a trainer, made and called alike: all end with the same model, and the first alone writes files and
/// tells observers.
template <std::floating_point Scalar>
class Trainer {
 public:
  Trainer(GloroModel<Scalar>& model, TrainerOptions<Scalar> options)
      : model_(model),
        options_(std::move(options)),
        processes_(options_.processes ? *options_.processes : Processes::alone()),
        workers_(std::make_unique<Workers>(threads())),
        parameters_(model.parameters()),
        refresh_(model, processes_),
        gradient_(model, processes_, options_.shards),
        optimizer_(options_.optimizer, parameters_, options_.weight_decay, options_.lookahead),
        beginning_(statement_of_weights("the initial weights", model)) {
    model.require_extents();
    options_.check();
  }

  /// Runs the epochs that are left. Observers are told of every step and epoch, in the order given:
  /// anything that has `step(const StepReport&)` or `epoch(const EpochReport&)`. Returns the metrics
  /// on `test` after the last epoch, or none where options.should_stop answered yes. Throws Error if
  /// the loss or a weight is no longer a number, and before the first step if the run was resumed with
  /// other data, or if processes that train together differ in the model, the data or the options.
  template <typename... Observers>
  Metrics fit(const data::Dataset& train, const data::Dataset& test, Observers&&... observers) {
    check(train);
    check(test);
    know_data(train, test);
    if (processes_.count() > 1) agree_on(train);
    while (epoch_ < options_.epochs) {
      if (!run_steps(train, observers...)) return {};
      const EpochReport report = end_epoch(test);
      if (processes_.is_first()) reports_.push_back(report);
      current_ = {};
      ++epoch_;
      if (processes_.is_first()) (tell_epoch(observers, report), ...);
      if (epoch_ == options_.epochs) return report.test;
    }
    return evaluate_together(test);
  }

  /// Epochs done.
  [[nodiscard]] Index epoch() const { return epoch_; }
  /// Of the epoch under way; its step is 0 between two epochs.
  [[nodiscard]] const StepReport& current() const { return current_; }
  /// Of the epochs done, those before a resume included; known to the first process.
  [[nodiscard]] const std::vector<EpochReport>& reports() const { return reports_; }
  [[nodiscard]] Workers& workers() { return *workers_; }
  [[nodiscard]] const TrainerOptions<Scalar>& options() const { return options_; }
  [[nodiscard]] double test_epsilon() const { return options_.radius_of_test(); }

  /// One step on the samples `which` of `train`, at `epoch` (fractional) of the run.
  Metrics step(const data::Dataset& train, std::span<const Index> which, double epoch) {
    refresh_(options_.power_iterations, *workers_);
    const auto gather = [&](Index first, Index count) {
      const auto chosen = which.subspan(static_cast<std::size_t>(first),
                                        static_cast<std::size_t>(count));
      Tensor<Scalar> batch = train.batch<Scalar>(chosen);
      options_.augmentation.apply(batch, chosen, options_.seed, static_cast<std::uint64_t>(epoch));
      return batch;
    };
    const Metrics metrics = gradient_.compute(
        model_, model_.layer_lipschitz(), gather, train.labels(which), options_.loss,
        static_cast<Scalar>(options_.epsilon.at(epoch, options_.epochs)),
        options_.lambda_factor.at(epoch, options_.epochs), *workers_);
    if (!std::isfinite(metrics.loss))
      throw Error(message("training diverged: the loss became ", metrics.loss, " at epoch ", epoch));
    Gradients<Scalar>& gradients = gradient_.gradients();
    if (options_.clip_norm > 0) {
      gather_segments(gradients.flat());
      clip_norm(gradients, options_.clip_norm);
    }
    optimizer_.step(parameters_, gradients, options_.learning_rate.at(epoch, options_.epochs),
                    *workers_, gradient_.segments().own());
    gather_weights();
    return metrics;
  }

  /// Writes all that a resumed run needs, whole or not at all, if this is the first process: after an
  /// epoch, or once fit() has stopped. In the middle of it each of several processes knows its own part
  /// of the optimizer's state only. Throws Error, the old file untouched, if the run has diverged.
  void save_checkpoint(OutputFile file) {
    if (!processes_.is_first()) return;
    if (data_.empty())
      throw Error("a run is known by its data: there is none to save before fit() or resume()");
    if (processes_.count() > 1 && optimizer_.steps() != gathered_steps_)
      throw Error("a checkpoint of several processes can be written at the end of an epoch, or when "
                  "they have stopped together");
    require_finite();
    write_checkpoint(std::move(file), identity(), {epoch_, optimizer_.steps(), current_}, reports_,
                     state());
  }

  /// Goes on from a checkpoint of a run with the same beginning, options and data, by any number of
  /// processes; throws FileError if it is damaged, or of another run, and then says what differs. The
  /// first process reads for all.
  void resume(const std::filesystem::path& path, const data::Dataset& train,
              const data::Dataset& test) {
    check(train);
    check(test);
    know_data(train, test);
    const auto parts = state();
    RunPosition position;
    if (processes_.is_first()) {
      position = read_checkpoint(path, identity(), reports_, parts);
      if (position.epochs > options_.epochs)
        throw ArgumentError(message(path.string(), ": is of a run after ", position.epochs,
                                    " epochs, more than the ", options_.epochs, " asked for"));
    }
    position = processes_.first(position);
    for (const auto& part : parts) processes_.broadcast(std::as_writable_bytes(part));
    epoch_ = position.epochs;
    current_ = position.current;
    optimizer_.resume(position.steps);
    gathered_steps_ = position.steps;
  }

 private:
  /// The iterates trail behind weights that move; before an epoch's figures are taken they catch up.
  static constexpr int settling_iterations = 50;

  using Clock = std::chrono::steady_clock;

  [[nodiscard]] static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  [[nodiscard]] int threads() const {
    if (options_.threads != 0 || processes_.count() == 1) return options_.threads;
    return std::max(1, Workers::cores() / processes_.neighbours());
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
  template <typename... Observers>
  bool run_steps(const data::Dataset& train, Observers&... observers) {
    const auto order = data::epoch_order(train.size(), options_.seed,
                                         static_cast<std::uint64_t>(epoch_));
    StepReport& report = current_;
    report.epoch = epoch_;
    report.epochs = options_.epochs;
    report.steps = data::batch_count(train.size(), options_.batch_size);
    const double before = report.seconds;
    const auto start = Clock::now();
    while (report.step < report.steps) {
      const double epoch = static_cast<double>(epoch_) + static_cast<double>(report.step) /
                                                             static_cast<double>(report.steps);
      report.epsilon = options_.epsilon.at(epoch, options_.epochs);
      report.learning_rate = options_.learning_rate.at(epoch, options_.epochs);
      report.lambda_factor = options_.lambda_factor.at(epoch, options_.epochs);
      report.train += step(train, data::batch_of(order, options_.batch_size, report.step), epoch);
      ++report.step;
      report.seconds = before + seconds_since(start);
      if (processes_.is_first()) (tell_step(observers, report), ...);
      if (is_to_stop()) {
        gather_optimizer();
        return false;
      }
    }
    return true;
  }

  /// Whether one of the processes was told to.
  [[nodiscard]] bool is_to_stop() {
    if (!options_.should_stop) return false;
    const auto answers = processes_.gather<char>(options_.should_stop() ? 1 : 0);
    return std::find(answers.begin(), answers.end(), 1) != answers.end();
  }

  [[nodiscard]] EpochReport end_epoch(const data::Dataset& test) {
    EpochReport done{.last = current_};
    done.seconds = current_.seconds;
    done.seconds_left = done.seconds * static_cast<double>(options_.epochs - epoch_ - 1);
    refresh_(settling_iterations, *workers_);
    gather_optimizer();
    require_same_state();
    require_finite();
    done.test = evaluate_together(test);
    for (const Scalar constant : model_.layer_lipschitz())
      done.lipschitz.push_back(static_cast<double>(constant));
    return done;
  }

  /// A gradient that overflowed shows in the loss only at the next step, which may never come.
  void require_finite() {
    const auto is_finite = [](Scalar value) { return std::isfinite(value); };
    const auto constants = model_.layer_lipschitz();
    bool holds = std::all_of(constants.begin(), constants.end(), is_finite);
    for (const auto& part : state()) holds = holds && std::all_of(part.begin(), part.end(), is_finite);
    if (!holds)
      throw Error(message("training diverged: its weights are no longer finite in epoch ", epoch_ + 1));
  }

  /// Each process counts its share of the samples.
  [[nodiscard]] Metrics evaluate_together(const data::Dataset& test) {
    const auto share = processes_.share(test.size());
    return processes_.sum(
        evaluate(model_, test.part(share.first, share.size()), test_epsilon(), *workers_));
  }

  /// Throws ArgumentError if the run has begun with others.
  void know_data(const data::Dataset& train, const data::Dataset& test) {
    std::vector<Statement> data{statement_of("the training data", train),
                                statement_of("the test data", test)};
    const std::string difference = data_.empty() ? "" : first_difference(data_, data);
    if (!difference.empty())
      throw ArgumentError(message("a run goes on with the data that it began with: ", difference));
    data_ = std::move(data);
  }

  /// What makes this run the one that it is, whoever works on it and however far they have come.
  [[nodiscard]] std::vector<Statement> identity() const {
    std::vector<Statement> all = statements_of(options_);
    all.push_back({"the guarantee", model_.guarantee().text()});
    all.push_back(statement_of_layers(model_));
    all.insert(all.end(), data_.begin(), data_.end());
    all.push_back(statement_of(options_.loss, model_));
    all.push_back(beginning_);
    return all;
  }

  void agree_on(const data::Dataset& train) {
    std::vector<Statement> all = identity();
    all.push_back({"how far they have come", message(epoch_, " epochs, ", optimizer_.steps(), " steps")});
    all.push_back(statement_of_weights("the weights", model_));
    all.push_back(statement_of_arithmetic(model_, train));
    require_agreement(processes_, all);
  }

  /// Every process brings its segment of the parameters laid end to end.
  template <typename Values>
  void gather_segments(Values&& values) {
    const std::span<Scalar> all(values.data(), static_cast<std::size_t>(values.size()));
    gradient_.segments().template gather<Scalar>(0, std::span(&all, 1));
  }

  void gather_weights() {
    std::vector<std::span<Scalar>> weights;
    for (auto* parameter : parameters_)
      weights.emplace_back(parameter->value.data(),
                           static_cast<std::size_t>(parameter->value.size()));
    gradient_.segments().template gather<Scalar>(0, weights);
  }

  void gather_optimizer() {
    for (auto* column : optimizer_.state()) gather_segments(column->value);
    gathered_steps_ = optimizer_.steps();
  }

  /// All have sent each other what they computed; this finds what was changed on one of them alone.
  void require_same_state() {
    if (processes_.count() == 1) return;
    Checksum sum;
    for (const auto& part : state()) sum.add(part.data(), part.size_bytes());
    const auto sums = processes_.gather(sum.value());
    for (std::size_t p = 1; p < sums.size(); ++p)
      if (sums[p] != sums.front())
        throw Error(message("process ", p, " came to other weights than process 0 by the end of epoch ",
                            epoch_ + 1));
  }

  template <typename Observer>
  static void tell_step(Observer& observer, const StepReport& report) {
    if constexpr (requires { observer.step(report); }) observer.step(report);
  }
  template <typename Observer>
  static void tell_epoch(Observer& observer, const EpochReport& report) {
    static_assert(requires { observer.step(StepReport{}); } ||
                      requires { observer.epoch(report); },
                  "an observer has a member step(const StepReport&) or epoch(const EpochReport&)");
    if constexpr (requires { observer.epoch(report); }) observer.epoch(report);
  }

  /// Everything that a step reads and writes.
  [[nodiscard]] std::vector<std::span<Scalar>> state() {
    std::vector<std::span<Scalar>> all;
    const auto add = [&](Scalar* data, Index size) {
      all.emplace_back(data, static_cast<std::size_t>(size));
    };
    for (auto* parameter : parameters_) add(parameter->value.data(), parameter->value.size());
    for (auto* buffer : model_.state()) add(buffer->value.data(), buffer->value.size());
    for (auto* column : optimizer_.state()) add(column->value.data(), column->value.size());
    return all;
  }

  GloroModel<Scalar>& model_;
  TrainerOptions<Scalar> options_;
  Processes& processes_;
  std::unique_ptr<Workers> workers_;
  std::vector<Parameter<Scalar>*> parameters_;
  SharedRefresh<Scalar> refresh_;
  BatchGradient<Scalar> gradient_;
  Optimizer<Scalar> optimizer_;
  Statement beginning_;          // the weights that the run begins with
  std::vector<Statement> data_;  // none: not yet known
  std::vector<EpochReport> reports_;
  StepReport current_;
  Index epoch_ = 0;
  Index gathered_steps_ = 0;  // of the optimizer when all processes last had all of its state
};

}  // namespace gloro
