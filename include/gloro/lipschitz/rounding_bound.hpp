// RoundingBound: the rounding error of a layer as it is really computed (docs/soundness.md, lemma 3).
#pragma once

#include "gloro/lipschitz/rounding.hpp"

namespace gloro {

/// The computed output for a computed input of 2-norm n lies within `relative * n + absolute` of what
/// the exact layer makes of that input. Both zero: the layer computes exactly.
struct RoundingBound {
  double relative = 0;  ///< grows with the input: products, sums
  double absolute = 0;  ///< does not: biases, underflow

  /// Of an input of that norm, rounded up.
  [[nodiscard]] double at(double norm) const { return add_up(mul_up(relative, norm), absolute); }
};

}  // namespace gloro
