// What a network answers by its estimated Lipschitz constants: right for training, no proof (the proof is
// Certifier's). Of logits, classes x samples.
#pragma once

#include <concepts>
#include <vector>

#include "gloro/core/tensor.hpp"
#include "gloro/model/bottom.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/model/lipschitz_terms.hpp"

namespace gloro {

/// The logits and, in a row of its own below them, the bottom logit of each sample.
template <std::floating_point Scalar>
[[nodiscard]] Matrix<Scalar> with_bottom(const Tensor<Scalar>& logits,
                                         const LipschitzTerms<Scalar>& terms, Scalar epsilon,
                                         const Guarantee& guarantee);

/// The top class of each sample where it, or a set that it leads, beats the bottom logit; else `abstain`.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<int> estimated_labels(const Tensor<Scalar>& logits,
                                                const LipschitzTerms<Scalar>& terms, Scalar epsilon,
                                                const Guarantee& guarantee);

/// The best over the sets J that the guarantee allows of min over j in J, i not in J of
/// (y_j - y_i) / K_ji. Top-1: J is the top class.
template <std::floating_point Scalar>
[[nodiscard]] Vector<Scalar> estimated_radius(const Tensor<Scalar>& logits,
                                              const LipschitzTerms<Scalar>& terms,
                                              const Guarantee& guarantee);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/model/estimated_answers.ipp"
#endif
