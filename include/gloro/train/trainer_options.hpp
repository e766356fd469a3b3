// TrainerOptions: everything about a training but the model and the data.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>

#include "gloro/core/shape.hpp"
#include "gloro/data/augmentation.hpp"
#include "gloro/loss/loss.hpp"
#include "gloro/loss/trades.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/train/optimizer.hpp"
#include "gloro/train/products.hpp"
#include "gloro/train/rules/adam.hpp"
#include "gloro/train/schedule.hpp"
#include "gloro/train/update_rule.hpp"

namespace gloro {

template <std::floating_point Scalar>
struct TrainerOptions {
  Index epochs = 100;
  Index batch_size = 256;
  Schedule epsilon = 0.3;   ///< radius to train for, in units of the input
  double test_epsilon = 0;  ///< radius to report the estimated VRA at; 0: epsilon's base value
  Loss<Scalar> loss = Trades{};
  Schedule lambda_factor = 1.0;  ///< multiplies the loss's own weight
  UpdateRule<Scalar> optimizer = Adam{};
  /// Share of a weight lost per step and unit of learning rate. In float a share of a step below 3e-8 is lost in
  /// rounding, and one below 1e-6 is not taken to the digit.
  double weight_decay = 0;
  Lookahead lookahead = {};
  Schedule learning_rate = 1e-3;
  double clip_norm = 0;                  ///< largest 2-norm of a step's gradient; 0: any
  int power_iterations = 5;              ///< a step and layer
  Products products = Products::scalar;  ///< what training passes multiply in,
  double products_share = 1;  ///< for this share of the epochs; after it, in the model's precision
  data::Augmentation augmentation = {};
  std::uint64_t seed = 0;  ///< of the samples' order and augmentation
  int threads = 0;         ///< of each process; 0: the machine's cores, evenly
  Index shards = 0;        ///< of a batch, see BatchGradient; 0: by its size, at most eight
  Processes* processes =
      nullptr;  ///< that train together; null: this one alone. Outlives the trainer
  /// Asked after every step, by each of several processes: where one answers yes, fit() returns.
  std::function<bool()> should_stop = {};

  /// Throws ArgumentError if a number lies outside its range, at any time of the run, and Error if the
  /// machine has no unit for the products.
  void check() const;

  /// All processes that train together.
  [[nodiscard]] Processes& together() const;

  [[nodiscard]] int threads_of_a_process() const;

  /// What a step at `epoch` (fractional) multiplies in.
  [[nodiscard]] Products products_at(double epoch) const;

  /// The radius that the estimated VRA is reported at.
  [[nodiscard]] double radius_of_test() const;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/trainer_options.ipp"
#endif
