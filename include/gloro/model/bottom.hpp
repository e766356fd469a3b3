// The bottom logit (Leino, Wang and Fredrikson 2021, section 3).
//
// With K_ji the Lipschitz constant of the margin y_j - y_i and j the top class,
//   y_bot = max over i != j of y_i + eps K_ji
// is the highest value that any rival could reach relative to y_j within distance eps: where
// y_j > y_bot, strictly, j is the answer everywhere in the eps-ball; else the network abstains.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

#include "gloro/core/tensor.hpp"

namespace gloro {

/// What a prediction says where it abstains.
inline constexpr int abstain = -1;

/// The bottom logit of one sample and where it comes from.
template <std::floating_point Scalar>
struct Bottom {
  Index top = 0;    ///< j: the class with the largest logit, the first of equals
  Index rival = 0;  ///< i: the class that attains y_bot; j itself if there is one class only
  Scalar value = -std::numeric_limits<Scalar>::infinity();
};

/// `logits`: one sample's, classes x 1. `margins`: K, classes x classes. Only the one chosen top class
/// is left out of the maximum: a tie leaves y_bot = y_j, and so abstains. A NaN among the logits or
/// margins makes y_j or y_bot NaN: no class beats it.
template <typename Logits, std::floating_point Scalar>
[[nodiscard]] Bottom<Scalar> bottom_logit(const Logits& logits, const Matrix<Scalar>& margins,
                                          Scalar epsilon) {
  Bottom<Scalar> bottom;
  for (Index i = 1; i < logits.size(); ++i)
    if (logits(i) > logits(bottom.top)) bottom.top = i;
  bottom.rival = bottom.top;
  for (Index i = 0; i < logits.size(); ++i) {
    if (i == bottom.top) continue;
    const Scalar reach = logits(i) + epsilon * margins(bottom.top, i);
    if (reach > bottom.value || std::isnan(reach) || bottom.rival == bottom.top) {
      bottom.value = reach;
      bottom.rival = i;
    }
  }
  return bottom;
}

}  // namespace gloro
