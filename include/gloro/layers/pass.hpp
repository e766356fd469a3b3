// Pass and BackwardPass: how a pass through a layer or a model is to be run. What a layer computes is its
// own; whether something is kept for the way back, and who shares the work, is said here.
#pragma once

#include <concepts>
#include <span>
#include <utility>

#include "gloro/core/parameter.hpp"
#include "gloro/core/tape.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro {

class Workers;

/// Forward. As it stands: inference, on this thread alone.
template <std::floating_point Scalar>
struct Pass {
  Tape<Scalar>* tape =
      nullptr;  ///< where a layer leaves what backward will need; null: nothing is kept
  Workers* workers = nullptr;  ///< null, or threads that may share the work of a few samples

  /// Leaves `tensor` on the tape, if there is one.
  void keep(Tensor<Scalar>&& tensor) const {
    if (tape) tape->push(std::move(tensor));
  }
  void keep(const Tensor<Scalar>& tensor) const {
    if (tape) tape->push(tensor);
  }
};

/// Backward, after a forward pass with that tape.
template <std::floating_point Scalar>
struct BackwardPass {
  Tape<Scalar>& tape;
  /// Where the gradients of the parameters are added, a view each; empty: they are not asked for.
  std::span<GradientView<Scalar>> gradients = {};
  /// Whether the gradient of the input is asked for; in training, that of the images is not.
  bool input_gradient = true;
};

}  // namespace gloro
