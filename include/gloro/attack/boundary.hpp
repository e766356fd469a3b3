// A boundary-seeking attack: for each sample an adversarial point as near as can be found. Its
// distance is an upper bound of the true robust radius, as a certified radius is a lower one.
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

struct BoundaryOptions {
  int steps = 30;    ///< of each walk along the boundary
  int rivals = 2;    ///< walks aimed at each of so many strongest rivals, beside one at any
  int restarts = 0;  ///< further walks, each from a random point nearby
  std::optional<Box> box = {};  ///< values that pixels may take
  std::uint64_t seed = 0;
};

/// The nearest adversarial point found for each sample, in the model's own precision; success where
/// one was found at all. A sample that is misclassified already is its own, at distance 0.
template <std::floating_point Scalar>
[[nodiscard]] Adversarials<Scalar> boundary(const GloroModel<Scalar>& model,
                                            const Tensor<Scalar>& samples,
                                            std::span<const int> labels,
                                            const BoundaryOptions& options, Workers& workers);

}  // namespace gloro::attack

#ifndef GLORO_COMPILED
#include "gloro/attack/boundary.ipp"
#endif
