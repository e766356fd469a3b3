// Projected gradient descent on the margin in an L2 ball, with restarts (Madry et al., "Towards
// deep learning models resistant to adversarial attacks", ICLR 2018; margin loss after Carlini and
// Wagner 2017). Deterministic: a sample's random starts depend on the seed and its place in the
// batch alone.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

#include "gloro/attack/adversarials.hpp"
#include "gloro/attack/box.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro::attack {

struct PgdOptions {
  int steps = 50;    ///< gradient steps of one descent
  int restarts = 1;  ///< the first from the sample itself, others from random points
  int rivals = 0;    ///< each restart also aims at each of so many strongest rivals
  double step = 1;   ///< length of the first step over the radius; falls linearly to zero
  std::optional<Box> box = {};  ///< values that pixels may take
  std::uint64_t seed = 0;
};

/// Attacks each sample within its own radius, in the model's own precision. A success is a point
/// strictly closer than the radius (or the sample itself) where the label is not the unique top
/// class of the computed logits; each sample's search ends with its first success. A radius of 0 asks
/// of the sample alone, in one pass.
template <std::floating_point Scalar>
[[nodiscard]] Adversarials<Scalar> pgd(const GloroModel<Scalar>& model,
                                       const Tensor<Scalar>& samples, std::span<const int> labels,
                                       std::span<const double> radii, const PgdOptions& options,
                                       Workers& workers);

/// The same radius for all.
template <std::floating_point Scalar>
[[nodiscard]] Adversarials<Scalar> pgd(const GloroModel<Scalar>& model,
                                       const Tensor<Scalar>& samples, std::span<const int> labels,
                                       double epsilon, const PgdOptions& options, Workers& workers);

}  // namespace gloro::attack

#ifndef GLORO_COMPILED
#include "gloro/attack/pgd.ipp"
#endif
