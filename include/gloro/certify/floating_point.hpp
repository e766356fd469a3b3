// DefaultFloatingPoint: while one lives, its thread computes as the proofs assume: rounded to
// nearest, denormals neither flushed to zero nor read as zero.
#pragma once

#include <cfenv>
#include <concepts>
#include <limits>

#include "gloro/core/error.hpp"
#include "gloro/lipschitz/rounding.hpp"

#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error "gloro's certificates need NaN and infinity: compile without -ffinite-math-only"
#endif

namespace gloro {

class DefaultFloatingPoint {
 public:
  DefaultFloatingPoint() {
    std::fegetenv(&before_);
    std::fesetenv(FE_DFL_ENV);
  }
  DefaultFloatingPoint(const DefaultFloatingPoint&) = delete;
  DefaultFloatingPoint& operator=(const DefaultFloatingPoint&) = delete;
  ~DefaultFloatingPoint() { std::fesetenv(&before_); }

  /// Throws Error where this machine does not compute as the proofs assume even so.
  template <std::floating_point Scalar>
  static void require() {
    const volatile Scalar smallest = std::numeric_limits<Scalar>::min();
    const volatile Scalar half = smallest / 2;
    if (std::fegetround() != FE_TONEAREST || reads_denormals_as_zero<Scalar>() || !(half > 0))
      throw Error("certificates need rounding to nearest and denormals: this machine lacks them");
  }

 private:
  std::fenv_t before_;
};

}  // namespace gloro
