// LipschitzTerms: the constants of a network that losses and the bottom logit are made of, as
// estimated by power iteration; LipschitzSlopes: the derivatives of a loss by them.
#pragma once

#include <concepts>

#include "gloro/core/tensor.hpp"

namespace gloro {

template <std::floating_point Scalar>
struct LipschitzTerms {
  Scalar body = 1;     ///< k: from the input to the head's input, the product of the layers'
  Scalar network = 1;  ///< K_G = k ||W||: from the input to the logits
  Matrix<Scalar>
      margin_constants;  ///< K_ji = k ||w_j - w_i||: of y_j - y_i; classes x classes, symmetric
};

/// Derivatives by K_ji and K_G. A loss adds to what it finds.
template <std::floating_point Scalar>
struct LipschitzSlopes {
  Scalar network = 0;               ///< by K_G
  Matrix<Scalar> margin_constants;  ///< by K_ji; classes x classes
};

}  // namespace gloro
