// Augmentation: random changes of training images, in place on a gathered batch. What happens to a
// sample depends on (seed, epoch, index of the sample) alone: not on its batch, nor on threads.
// Its words are read in wording/augmentation.hpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gloro/core/random.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro::data {

/// From where to where a factor is drawn, uniformly.
struct FactorRange {
  double from = 1;
  double to = 1;
  friend bool operator==(const FactorRange&, const FactorRange&) = default;
};

/// What may happen to a sample, in this order; by default nothing.
struct Augmentation {
  /// Mirrors left and right, every other time.
  bool flip = false;
  /// Moves the image by up to so many pixels each way; what comes in is black (0).
  Index crop = 0;
  /// Scales the saturation of RGB images; one of other channels is left alone.
  std::optional<FactorRange> saturation{};
  /// Scales the distance of each channel from its mean.
  std::optional<FactorRange> contrast{};
  /// Magnifies a square part whose side is 1 - zoom to 1 times the image's, in [0, 1).
  double zoom = 0;
  /// Standard deviation of Gaussian noise on every value, in pixel units.
  double noise = 0;

  friend bool operator==(const Augmentation&, const Augmentation&) = default;

  [[nodiscard]] bool none() const { return *this == Augmentation{}; }

  /// Throws ArgumentError if a number lies outside its range.
  void check() const;

  /// As read_augmentation() takes it, the numbers in full: two runs are told apart by it. It does not
  /// compile without a member that is added here.
  [[nodiscard]] std::string text() const;

  /// Changes a batch gathered for the samples `which` in epoch `epoch` of a run with seed `seed`.
  template <std::floating_point Scalar>
  void apply(Tensor<Scalar>& batch, std::span<const Index> which, std::uint64_t seed,
             std::uint64_t epoch) const;

  /// Changes one sample, drawing from `random`; `scratch` is memory to reuse.
  template <std::floating_point Scalar>
  void apply(std::span<Scalar> sample, const Shape& shape, Random random,
             std::vector<Scalar>& scratch) const;
};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/augmentation.ipp"
#endif
