// Rounding error of adding computed vectors up, one after the other: of `terms` vectors, |s^ - s| <=
// gamma_(terms - 1) (|v_1| + ... + |v_terms|) entry by entry (Higham 2002, section 4.2), and so in norm.
#pragma once

#include <concepts>

#include "gloro/core/shape.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro::rounding {

/// In the sum of the vectors' norms. An addition whose result is denormal is exact; the absolute part is
/// for machines that flush it, or its operands, to zero.
template <std::floating_point Scalar>
[[nodiscard]] RoundingBound of_sums(Index terms, Index values) {
  const auto additions = static_cast<double>(terms - 1);
  return {gamma(additions, unit_roundoff<Scalar>()),
          underflow<Scalar>(additions, static_cast<double>(values)).absolute};
}

}  // namespace gloro::rounding
