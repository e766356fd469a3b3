// What observers of a training are told, after each step and each epoch.
#pragma once

#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/train/metrics.hpp"

namespace gloro {

/// What an observer is told after each step.
struct StepReport {
  Index epoch = 0, epochs = 0;  ///< the epoch under way, from 0, and how many there will be
  Index step = 0, steps = 0;    ///< done in this epoch, and how many there will be
  double epsilon = 0, learning_rate = 0, lambda_factor = 1;
  Metrics train = {};  ///< so far in this epoch, counted while the weights moved
  double seconds = 0;  ///< since this epoch began
};

/// What an observer is told after each epoch.
struct EpochReport {
  StepReport last = {};
  Metrics test = {};                   ///< at the test epsilon, by the estimate
  double seconds = 0;                  ///< training time of this epoch, without the evaluation
  double seconds_left = 0;             ///< of the run, if its epochs take what this one took
  std::vector<double> lipschitz = {};  ///< estimate of each layer
};

}  // namespace gloro
