// The bodies of trainer_options.hpp.
#pragma once

#include "gloro/train/trainer_options.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>

#include "gloro/core/error.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

template <std::floating_point Scalar>
void TrainerOptions<Scalar>::check() const {
  const auto require = [](bool holds, const char* what, auto value) {
    if (!holds) throw ArgumentError(message(what, ", got ", value));
  };
  require(epochs >= 0 && epochs <= 1'000'000'000, "epochs must lie in [0, 1e9]", epochs);
  require(batch_size >= 1 && batch_size <= Index{1} << 30, "the batch size must lie in [1, 2^30]",
          batch_size);
  require(power_iterations >= 0, "power iterations must be >= 0", power_iterations);
  require(test_epsilon >= 0 && std::isfinite(test_epsilon), "the test epsilon must be >= 0",
          test_epsilon);
  require(clip_norm >= 0 && std::isfinite(clip_norm), "the clip norm must be >= 0", clip_norm);
  for (const Schedule* schedule : {&epsilon, &lambda_factor, &learning_rate})
    schedule->check(epochs);
  Optimizer<Scalar>::check(optimizer, weight_decay, lookahead);
  augmentation.check();
  require(products_share >= 0 && products_share <= 1,
          "the share of the epochs with other products must lie in [0, 1]", products_share);
  (void)unit_of<Scalar>(products);
}

template <std::floating_point Scalar>
Processes& TrainerOptions<Scalar>::together() const {
  return processes ? *processes : Processes::alone();
}

template <std::floating_point Scalar>
int TrainerOptions<Scalar>::threads_of_a_process() const {
  if (threads != 0 || together().count() == 1) return threads;
  return std::max(1, Workers::cores() / together().neighbours());
}

template <std::floating_point Scalar>
Products TrainerOptions<Scalar>::products_at(double epoch) const {
  return epoch < products_share * static_cast<double>(epochs) ? products : Products::scalar;
}

template <std::floating_point Scalar>
double TrainerOptions<Scalar>::radius_of_test() const {
  return test_epsilon > 0 ? test_epsilon : epsilon.base();
}

#ifdef GLORO_COMPILING
template struct TrainerOptions<float>;
template struct TrainerOptions<double>;
#endif

}  // namespace gloro
