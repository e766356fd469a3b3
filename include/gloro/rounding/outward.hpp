// Error bounds in double, rounded outward: one operation, then one step to the next number. Each
// result is at least (.._up) or at most (.._down) the real one, whatever the rounding mode, with
// denormals or without. Only where a thread reads denormals as zero, arguments must not be denormal
// (results never are). Notation of Higham, "Accuracy and Stability" (2002), chapter 3.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

#include "gloro/core/detail/compiled_arithmetic.hpp"
#include "gloro/core/infinity.hpp"

namespace gloro::rounding {

/// Smallest normal double: bounds the absolute error of one operation whose result underflows,
/// gradually or to zero.
inline constexpr double underflow_unit = std::numeric_limits<double>::min();

/// A number above the real value of an operation that gave x. NaN gives +infinity, so that a piece
/// that could not be computed never counts as zero; results are never denormal.
[[nodiscard]] inline double round_up(double x) {
  if (std::isnan(x)) return infinity;
  if (x >= 0 && x < underflow_unit) return underflow_unit;  // the real value may be a lost positive
  if (x < 0 && x >= -underflow_unit) return 0;
  return std::nextafter(x, infinity);
}

/// A number below the real value of an operation that gave x; NaN gives -infinity.
[[nodiscard]] inline double round_down(double x) { return -round_up(-x); }

/// a + b; exact where one of them is zero.
[[nodiscard]] inline double add_up(double a, double b) {
  if (a == 0) return std::isnan(b) ? infinity : b;
  if (b == 0) return std::isnan(a) ? infinity : a;
  return round_up(a + b);
}
[[nodiscard]] inline double add_down(double a, double b) { return -add_up(-a, -b); }

/// a b; zero times a finite number is exactly zero, zero times infinity unknown.
[[nodiscard]] inline double mul_up(double a, double b) {
  if ((a == 0 && std::isfinite(b)) || (b == 0 && std::isfinite(a))) return 0;
  return round_up(a * b);
}
[[nodiscard]] inline double mul_down(double a, double b) { return -mul_up(-a, b); }

/// a / b; 0 / 0 is unknown.
[[nodiscard]] inline double div_up(double a, double b) {
  if (a == 0 && b != 0 && !std::isnan(b)) return 0;
  return round_up(a / b);
}
[[nodiscard]] inline double div_down(double a, double b) { return -div_up(-a, b); }

/// Square root of a >= 0; a negative number is a mistake and gives the infinity of that side.
[[nodiscard]] inline double sqrt_up(double a) { return a == 0 ? 0 : round_up(std::sqrt(a)); }
[[nodiscard]] inline double sqrt_down(double a) { return a == 0 ? 0 : round_down(std::sqrt(a)); }

/// x 2^exponent for x >= 0: exact, rounded up only where it would be denormal.
[[nodiscard]] inline double scale_up(double x, int exponent) {
  if (x == 0 || !std::isfinite(x)) return std::isnan(x) ? infinity : x;
  const double scaled = std::ldexp(x, exponent);
  return scaled < underflow_unit ? underflow_unit : scaled;
}

/// u: largest relative error of one operation rounded to nearest, 2^-24 or 2^-53.
template <std::floating_point Scalar>
[[nodiscard]] constexpr double unit_roundoff() {
  return static_cast<double>(std::numeric_limits<Scalar>::epsilon()) / 2;
}

/// gamma_n = n u / (1 - n u): relative error of n roundings one after the other, and of a sum of n
/// products in any order, fused or not, against the sum of their magnitudes. +infinity if n u >= 1.
[[nodiscard]] inline double gamma(double n, double roundoff) {
  const double together = mul_up(n, roundoff);
  if (!(together < 1)) return infinity;
  return div_up(together, add_down(1, -together));
}

/// True where this thread reads denormal numbers as zero (DAZ): weights may then be lost. Volatile,
/// or a compiler that knows nothing of such modes would compare at another time, or never.
template <std::floating_point Scalar>
[[nodiscard]] bool reads_denormals_as_zero() {
  const volatile Scalar tiny = std::numeric_limits<Scalar>::denorm_min();
  const volatile bool lost = !(tiny > Scalar(0));
  return lost;
}

}  // namespace gloro::rounding
