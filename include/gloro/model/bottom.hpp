// The bottom logit (Leino, Wang and Fredrikson 2021, section 3; relaxed: Leino and Fredrikson 2021).
//
// With K_ji the Lipschitz constant of the margin y_j - y_i and j the top class,
//   y_bot = max over i != j of y_i + eps K_ji
// is the highest value that any rival could reach relative to y_j within distance eps: where
// y_j > y_bot, strictly, j is the answer everywhere in the eps-ball; else the network abstains.
//
// A relaxed guarantee answers a set J of the k leading classes. With t the top class,
//   y_bot = min over k of max over j in J, i not in J of y_i + eps K_ji + (y_t - y_j):
// y_t > y_bot where some set has every member above what any class outside could reach. For k = 1
// this is the formula above.
#pragma once

#include <concepts>
#include <limits>
#include <type_traits>

#include "gloro/core/tensor.hpp"
#include "gloro/model/guarantee.hpp"

namespace gloro {

/// What a prediction says where it abstains.
inline constexpr int abstain = -1;

/// The bottom logit of one sample and where it comes from.
template <std::floating_point Scalar>
struct Bottom {
  Index top = 0;   ///< t: the class with the largest logit, the first of equals
  Index held = 0;  ///< j: the member of the set that is nearest to being overtaken; top-1: t
  Index rival =
      0;  ///< i: the class outside that attains y_bot; t itself if there is one class only
  Scalar value = -std::numeric_limits<Scalar>::infinity();
  /// Classes in the largest set that stands at epsilon: those with a rank below it (rank_of), 0 where
  /// the network abstains. Sets are nested, so a class is in some set that stands, or not in this.
  Index size = 0;
};

/// How many classes come before class c by falling logits; of equals the first comes first.
template <typename Logits>
[[nodiscard]] Index rank_of(const Logits& logits, Index c) {
  Index before = 0;
  for (Index i = 0; i < logits.size(); ++i)
    before += logits(i) > logits(c) || (logits(i) == logits(c) && i < c);
  return before;
}

/// One sample's logits, read where they lie; copied only where there is a gap between one and the next.
template <std::floating_point Scalar>
using LogitsView = std::type_identity_t<Eigen::Ref<const Vector<Scalar>>>;

/// `logits`: one sample's, classes x 1. `margins`: K, classes x classes. Only the one chosen top class
/// is left out of the maximum: a tie leaves y_bot = y_j, and so abstains. A NaN among the logits or
/// margins makes y_j or y_bot NaN: no class beats it.
template <std::floating_point Scalar>
[[nodiscard]] Bottom<Scalar> bottom_logit(const LogitsView<Scalar>& logits,
                                          const Matrix<Scalar>& margins, Scalar epsilon);

/// The same for any guarantee. Any NaN leaves the network without an answer.
template <std::floating_point Scalar>
[[nodiscard]] Bottom<Scalar> bottom_logit(const LogitsView<Scalar>& logits,
                                          const Matrix<Scalar>& margins, Scalar epsilon,
                                          const Guarantee& guarantee);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/model/bottom.ipp"
#endif
