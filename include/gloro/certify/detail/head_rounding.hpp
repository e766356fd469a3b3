// HeadRounding: how far the head's computed rows may be from exact, for the arithmetic of one evaluation.
#pragma once

#include <concepts>

#include "gloro/core/tensor.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/linear_rounding.hpp"

namespace gloro {

/// Row j is off by at most relative(j) n + absolute(j), n the norm of the head's computed input.
struct HeadRounding {
  Vector<double> relative, absolute;

  template <std::floating_point Scalar>
  explicit HeadRounding(const Dense<Scalar>& head)
      : relative(head.weight().rows()), absolute(head.weight().rows()) {
    for (Index j = 0; j < relative.size(); ++j) {
      const RoundingBound row = dense_row_rounding(head.weight(), head.bias(), j);
      relative(j) = row.relative;
      absolute(j) = row.absolute;
    }
  }
};

}  // namespace gloro
