// The rounding attack: walks among floats at the edge of a certified ball, where a margin is
// smallest and rounding is all that is left of it, looking for a point that contradicts the
// certificate (after Jin, Ohrimenko and Rubinstein 2022, arXiv 2205.10159, and Murray 2026, arXiv
// 2603.13334).
//
// A contradiction is another *labelled* answer inside the ball: a bug of the certifier. A bare
// argmax of the program's logits that differs is counted too, but nobody promised otherwise.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <type_traits>

#include "gloro/certify/certificate.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro::attack {

struct RoundingWalkOptions {
  int rounds = 40;        ///< of each walk; each moves to its best neighbour
  Index neighbours = 32;  ///< points looked at in a round
  Index asked = 4;        ///< of these, the ones of smallest margin, whose answer is asked for
  int rivals = 2;         ///< walks: one towards each of so many strongest rivals
  std::uint64_t seed = 0;
};

template <std::floating_point Scalar>
struct RoundingFindings {
  Index visited = 0;         ///< points inside the ball
  Index asked = 0;           ///< of these, points whose answer was asked for
  Index flips = 0;           ///< points where the label is not the unique largest computed logit
  Index contradictions = 0;  ///< points whose labelled answer contradicts the claim
  double least_margin = infinity;     ///< of all visited
  Tensor<Scalar> flip = {};           ///< the first of them, if any
  Tensor<Scalar> contradiction = {};  ///< the first of them, if any
};

/// A certifier as it is attacked: the Certificate of a batch of one.
template <std::floating_point Scalar>
using Answers = std::function<Certificate(const Tensor<Scalar>& image)>;

/// Attacks the labelled answer `claim` at `sample` (a batch of one) in the model's own precision.
/// `answer(image)` is the certifier that made it: it returns the Certificate of a batch of one.
/// Throws ArgumentError if the claim abstains or its radius is infinite.
template <std::floating_point Scalar>
[[nodiscard]] RoundingFindings<Scalar> rounding_walk(
    const GloroModel<Scalar>& model, const std::type_identity_t<Answers<Scalar>>& answer,
    const Tensor<Scalar>& sample, const Certificate& claim,
    const RoundingWalkOptions& options = {});

}  // namespace gloro::attack

#ifndef GLORO_COMPILED
#include "gloro/attack/rounding_walk.ipp"
#endif
