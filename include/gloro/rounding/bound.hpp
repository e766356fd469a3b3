// RoundingBound: the rounding error of a layer as it is really computed (docs/soundness.md, lemma 3), and
// how such errors add up, so that a layer's proof reads as its lemma does.
#pragma once

#include <algorithm>
#include <concepts>
#include <limits>

#include "gloro/rounding/outward.hpp"

namespace gloro {

/// The computed output for a computed input of 2-norm n lies within `relative * n + absolute` of what
/// the exact layer makes of that input. Both zero: the layer computes exactly. A linear bound of a
/// norm by n, ||f(x)|| <= relative n + absolute, is written in it too. All that is computed of one is
/// rounded up.
struct RoundingBound {
  double relative = 0;  ///< grows with the input: products, sums
  double absolute = 0;  ///< does not: biases, underflow

  /// Of an input of that norm.
  [[nodiscard]] double at(double norm) const {
    return rounding::add_up(rounding::mul_up(relative, norm), absolute);
  }
  /// Of what comes after, where the input's norm is itself bounded by `norm`.
  [[nodiscard]] RoundingBound at(const RoundingBound& norm) const {
    return {rounding::mul_up(relative, norm.relative), at(norm.absolute)};
  }
  [[nodiscard]] bool is_exact() const { return relative == 0 && absolute == 0; }

  /// Nothing is known: such a layer certifies nothing.
  [[nodiscard]] static RoundingBound unknown() { return {infinity, infinity}; }

  /// Two errors, one on top of the other.
  [[nodiscard]] friend RoundingBound operator+(const RoundingBound& a, const RoundingBound& b) {
    return {rounding::add_up(a.relative, b.relative), rounding::add_up(a.absolute, b.absolute)};
  }
  /// An error that something stretches, by at most `factor` >= 0.
  [[nodiscard]] friend RoundingBound operator*(double factor, const RoundingBound& a) {
    return {rounding::mul_up(factor, a.relative), rounding::mul_up(factor, a.absolute)};
  }
};

namespace rounding {

/// What underflow, gradual or to zero, and denormals that are read as zero, may cost a vector of
/// `values`, each the result of `operations` operations whose errors the later ones multiply by at most
/// `factor`: each operation loses at most the smallest normal number three times over, of its result and
/// of its two operands, and later roundings at most double it. A weight that is read as zero takes the
/// value with it that it should have multiplied: the relative part, for one weight an operation.
template <std::floating_point Scalar>
[[nodiscard]] RoundingBound underflow(double operations, double values, double factor = 1) {
  const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
  const double lost = mul_up(6 * operations, mul_up(std::max(1.0, factor), sqrt_up(values)));
  return tiny * RoundingBound{operations, lost};
}

}  // namespace rounding

}  // namespace gloro
