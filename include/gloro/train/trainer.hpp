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
#include <locale>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/agreement.hpp"
#include "gloro/core/processes.hpp"
#include "gloro/data/augmentation.hpp"
#include "gloro/data/batches.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/loss/trades.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/train/batch_gradient.hpp"
#include "gloro/train/checkpoint.hpp"
#include "gloro/train/metrics.hpp"
#include "gloro/train/optimizer.hpp"
#include "gloro/train/schedule.hpp"
#include "gloro/train/shared_refresh.hpp"
#include "gloro/train/statements.hpp"

namespace gloro {

template <std::floating_point Scalar>
struct TrainerOptions {
  Index epochs = 100;
  Index batch_size = 256;
  Schedule epsilon = 0.3;         ///< radius to train for, in units of the input
  double test_epsilon = 0;        ///< radius to report VRA at; 0: epsilon's base value
  Loss<Scalar> loss = Trades{};
  Schedule lambda_factor = 1.0;   ///< multiplies the loss's own weight (TRADES)
  OptimizerOptions optimizer = {};
  Schedule learning_rate = 1e-3;
  double clip_norm = 0;           ///< largest 2-norm of a step's gradient; 0: any
  int power_iterations = 5;       ///< a step and layer
  data::Augmentation augmentation = {};
  std::uint64_t seed = 0;         ///< of the samples' order and augmentation
  int threads = 0;                ///< of each process; 0: the machine's cores, evenly
  Index shards = 0;               ///< of a batch, see BatchGradient; 0: by its size, at most eight
  Processes* processes = nullptr; ///< that train together; null: this one alone. Outlives the trainer

  /// Throws ArgumentError if a number lies outside its range, at any time of the run.
  void check() const {
    const auto require = [](bool holds, const char* what, auto value) {
      if (!holds) throw ArgumentError(message(what, ", got ", value));
    };
    require(epochs >= 0 && epochs <= 1'000'000'000, "epochs must lie in [0, 1e9]", epochs);
    require(batch_size >= 1 && batch_size <= Index{1} << 31, "the batch size must lie in [1, 2^31]",
            batch_size);
    require(power_iterations >= 0, "power iterations must be >= 0", power_iterations);
    require(test_epsilon >= 0 && std::isfinite(test_epsilon), "the test epsilon must be >= 0",
            test_epsilon);
    require(clip_norm >= 0 && std::isfinite(clip_norm), "the clip norm must be >= 0", clip_norm);
    for (const Schedule* schedule : {&epsilon, &lambda_factor, &learning_rate})
      schedule->check(epochs);
    optimizer.check();
    augmentation.check();
  }
};

/// What an observer is told after each step.
struct StepReport {
  Index epoch = 0, epochs = 0;  ///< the epoch under way, from 0, and how many there will be
  Index step = 0, steps = 0;    ///< done in this epoch, and how many there will be
  double epsilon = 0, learning_rate = 0, lambda_factor = 1;
  Metrics train = {};           ///< so far in this epoch, counted while the weights moved
  double seconds = 0;           ///< since this epoch began
};

/// What an observer is told after each epoch.
struct EpochReport {
  StepReport last = {};
  Metrics test = {};                    ///< at the test epsilon, by the estimate
  double seconds = 0;                   ///< training time of this epoch, without the evaluation
  double seconds_left = 0;              ///< of the run, if its epochs take what this one took
  std::vector<double> lipschitz = {};   ///< estimate of each layer
};

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
        optimizer_(options_.optimizer, parameters_) {
    model.require_extents();
    options_.check();
  }

  /// Runs the epochs that are left. Observers are told of every step and epoch, in the order given:
  /// anything that has `step(const StepReport&)` or `epoch(const EpochReport&)`. Returns the metrics
  /// on `test` after the last epoch. Throws Error if the loss is no longer a number, and before the
  /// first step if processes that train together differ in the model, the data or the options.
  template <typename... Observers>
  Metrics fit(const data::Dataset& train, const data::Dataset& test, Observers&&... observers) {
    check(train);
    check(test);
    if (processes_.count() > 1) agree_on(train, test);
    while (epoch_ < options_.epochs) {
      const EpochReport report = run_epoch(train, test, observers...);
      ++epoch_;
      if (processes_.is_first()) (tell_epoch(observers, report), ...);
      if (epoch_ == options_.epochs) return report.test;
    }
    return evaluate_together(test);
  }

  /// Epochs done.
  [[nodiscard]] Index epoch() const { return epoch_; }
  [[nodiscard]] Workers& workers() { return *workers_; }
  [[nodiscard]] const TrainerOptions<Scalar>& options() const { return options_; }
  [[nodiscard]] double test_epsilon() const {
    return options_.test_epsilon > 0 ? options_.test_epsilon : options_.epsilon.base();
  }

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

  /// Writes all that a resumed run needs, atomically, if this is the first process. Between epochs:
  /// within one each of several processes knows its own part of the optimizer's state only.
  void save_checkpoint(const std::filesystem::path& path) {
    if (!processes_.is_first()) return;
    if (processes_.count() > 1 && optimizer_.steps() != gathered_steps_)
      throw Error("a checkpoint of several processes can be written at the end of an epoch, "
                  "not within it");
    write_checkpoint(path, fingerprint(), {epoch_, optimizer_.steps()}, state());
  }

  /// Goes on from a checkpoint of a run with the same model and options, by any number of processes;
  /// throws FileError if it is damaged or of another run. The first process reads for all.
  void resume(const std::filesystem::path& path) {
    const auto parts = state();
    RunPosition position;
    if (processes_.is_first()) position = read_checkpoint(path, fingerprint(), parts);
    position = processes_.first(position);
    for (const auto& part : parts) processes_.broadcast(std::as_writable_bytes(part));
    epoch_ = position.epochs;
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
    if (dataset.shape() != model_.input_shape())
      throw ShapeError(message("the model takes inputs of ", model_.input_shape(),
                               ", the data set holds ", dataset.shape()));
    if (dataset.classes() > model_.classes())
      throw ShapeError(message("the model knows ", model_.classes(), " classes, the data set ",
                               dataset.classes()));
    if (!dataset.has_labels()) throw ArgumentError("the data set has no labels");
  }

  template <typename... Observers>
  EpochReport run_epoch(const data::Dataset& train, const data::Dataset& test,
                        Observers&... observers) {
    const auto start = Clock::now();
    const auto order = data::epoch_order(train.size(), options_.seed,
                                         static_cast<std::uint64_t>(epoch_));
    StepReport report{.epoch = epoch_,
                      .epochs = options_.epochs,
                      .steps = data::batch_count(train.size(), options_.batch_size)};
    for (; report.step < report.steps;) {
      const double epoch = static_cast<double>(epoch_) + static_cast<double>(report.step) /
                                                             static_cast<double>(report.steps);
      report.epsilon = options_.epsilon.at(epoch, options_.epochs);
      report.learning_rate = options_.learning_rate.at(epoch, options_.epochs);
      report.lambda_factor = options_.lambda_factor.at(epoch, options_.epochs);
      report.train += step(train, data::batch_of(order, options_.batch_size, report.step), epoch);
      ++report.step;
      report.seconds = seconds_since(start);
      if (processes_.is_first()) (tell_step(observers, report), ...);
    }
    EpochReport done{.last = report};
    done.seconds = seconds_since(start);
    done.seconds_left = done.seconds * static_cast<double>(options_.epochs - epoch_ - 1);
    refresh_(settling_iterations, *workers_);
    gather_optimizer();
    require_same_state();
    done.test = evaluate_together(test);
    for (const Scalar constant : model_.layer_lipschitz())
      done.lipschitz.push_back(static_cast<double>(constant));
    return done;
  }

  /// Each process counts its share of the samples.
  [[nodiscard]] Metrics evaluate_together(const data::Dataset& test) {
    const auto share = processes_.share(test.size());
    return processes_.sum(
        evaluate(model_, test.part(share.first, share.size()), test_epsilon(), *workers_));
  }

  void agree_on(const data::Dataset& train, const data::Dataset& test) {
    const double epsilon = options_.epsilon.base();
    require_agreement(
        processes_,
        {statement_of(model_), statement_of("the training data", train),
         statement_of("the test data", test),
         {"the options", message(fingerprint(), ", test epsilon ", test_epsilon())},
         statement_of_arithmetic(model_, train),
         statement_of(options_.loss, model_, static_cast<Scalar>(epsilon)),
         {"how far they have come", message(epoch_, " epochs, ", optimizer_.steps(), " steps")}});
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
    for (auto* buffer : model_.buffers()) add(buffer->value.data(), buffer->value.size());
    for (auto* column : optimizer_.state()) add(column->value.data(), column->value.size());
    return all;
  }

  /// The options that a resumed run must share, as text that is compared as a whole. The loss is a
  /// function, the data are large: that they are the same is left to the caller.
  [[nodiscard]] std::string fingerprint() const {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text.precision(15);
    const auto schedule = [&](const char* name, const Schedule& of) {
      text << ", " << name << ' ' << of.text() << " * " << of.base();
    };
    const auto range = [&](const char* name, const std::optional<data::FactorRange>& of) {
      if (of) text << ' ' << name << ' ' << of->from << " to " << of->to;
    };
    text << "epochs " << options_.epochs << ", batch size " << options_.batch_size << ", seed "
         << options_.seed << ", power iterations " << options_.power_iterations << ", clip norm "
         << options_.clip_norm;
    schedule("epsilon", options_.epsilon);
    schedule("learning rate", options_.learning_rate);
    schedule("lambda factor", options_.lambda_factor);
    const OptimizerOptions& optimizer = options_.optimizer;
    text << ", optimizer rule " << static_cast<int>(optimizer.rule) << " beta " << optimizer.beta1
         << ' ' << optimizer.beta2 << " epsilon " << optimizer.epsilon << " momentum "
         << optimizer.momentum << " nesterov " << optimizer.is_nesterov << " weight decay "
         << optimizer.weight_decay << " lookahead " << optimizer.lookahead_steps << ' '
         << optimizer.lookahead_rate;
    const data::Augmentation& augmentation = options_.augmentation;
    text << ", augmentation flip " << augmentation.flip << " crop " << augmentation.crop << " zoom "
         << augmentation.zoom << " noise " << augmentation.noise;
    range("saturation", augmentation.saturation);
    range("contrast", augmentation.contrast);
    if (model_.guarantee().is_relaxed()) text << ", guarantee " << model_.guarantee().text();
    if (options_.shards != 0) text << ", shards " << options_.shards;
    return text.str();
  }

  GloroModel<Scalar>& model_;
  TrainerOptions<Scalar> options_;
  Processes& processes_;
  std::unique_ptr<Workers> workers_;
  std::vector<Parameter<Scalar>*> parameters_;
  SharedRefresh<Scalar> refresh_;
  BatchGradient<Scalar> gradient_;
  Optimizer<Scalar> optimizer_;
  Index epoch_ = 0;
  Index gathered_steps_ = 0;  // of the optimizer when all processes last had all of its state
};

}  // namespace gloro
