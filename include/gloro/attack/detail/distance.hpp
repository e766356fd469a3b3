// Distances between stored points, so exact that "inside the certified ball" is a fact and not a
// rounding: sums in double-double (Dekker 1971; Ogita, Rump and Oishi, "Accurate sum and dot
// product", 2005), the comparison with a slack above their error.
#pragma once

#include <cmath>
#include <concepts>

#include "gloro/core/shape.hpp"

namespace gloro::attack {

/// high + low, |low| far below |high|.
struct DoubleDouble {
  double high = 0, low = 0;
};

/// a + b = high + low exactly (Knuth).
[[nodiscard]] inline DoubleDouble two_sum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

/// a a = high + low exactly, underflow apart. The first fma is a plain product that no compiler may
/// merge with a later addition.
[[nodiscard]] inline DoubleDouble two_square(double a) {
  const double square = std::fma(a, a, 0.0);
  return {square, std::fma(a, a, -square)};
}

/// ||a - b||^2, within a relative 2^-80 for up to 2^24 values; NaN or infinite where it overflows.
template <std::floating_point Scalar>
[[nodiscard]] DoubleDouble squared_distance(const Scalar* a, const Scalar* b, Index size) {
  DoubleDouble total;
  for (Index i = 0; i < size; ++i) {
    const DoubleDouble difference = two_sum(static_cast<double>(a[i]), -static_cast<double>(b[i]));
    const DoubleDouble square = two_square(difference.high);
    const DoubleDouble sum = two_sum(total.high, square.high);
    total.high = sum.high;
    total.low += sum.low + (square.low + 2 * difference.high * difference.low);
  }
  return two_sum(total.high, total.low);
}

/// ||a - b||, within two units in the last place.
template <std::floating_point Scalar>
[[nodiscard]] double distance(const Scalar* a, const Scalar* b, Index size) {
  return std::sqrt(squared_distance(a, b, size).high);
}

/// True only if ||a - b|| < radius for the stored numbers. May miss points that lie within a
/// relative 2^-80 of the radius, and radii below 2^-450.
template <std::floating_point Scalar>
[[nodiscard]] bool is_closer(const Scalar* a, const Scalar* b, Index size, double radius) {
  if (!(radius >= 0x1p-450)) return false;
  const DoubleDouble squared = squared_distance(a, b, size);
  if (!std::isfinite(squared.high)) return false;
  const DoubleDouble limit = two_square(radius);
  if (!std::isfinite(limit.high)) return true;  // the radius is beyond 2^511
  const double gap = (squared.high - limit.high) + (squared.low - limit.low);
  return gap < -0x1p-80 * limit.high;
}

}  // namespace gloro::attack
