// DefaultFloatingPoint: while one lives, its thread computes as the proofs assume: rounded to
// nearest, denormals neither flushed to zero nor read as zero. Whether it still does is asked again
// wherever a user's own code has run: that of a layer, or what ran before.
#pragma once

#include <cfenv>
#include <concepts>

#include "gloro/core/detail/compiled_arithmetic.hpp"
#include "gloro/core/error.hpp"

namespace gloro::rounding {

/// What this thread does at the moment that the proofs do not allow, in words; null if nothing. A few
/// nanoseconds where the processor can be asked, some hundred where it must be tried out.
[[nodiscard]] const char* floating_point_fault();

class DefaultFloatingPoint {
 public:
  DefaultFloatingPoint();
  DefaultFloatingPoint(const DefaultFloatingPoint&) = delete;
  DefaultFloatingPoint& operator=(const DefaultFloatingPoint&) = delete;
  ~DefaultFloatingPoint();

  /// Throws Error where this program or this machine does not compute as the proofs assume even so.
  template <std::floating_point Scalar>
  static void require();

  /// Throws Error, naming whom, where somebody's code has left the thread in another environment.
  template <typename... Who>
  static void require_after(const Who&... who) {
    if (const char* fault = floating_point_fault())
      throw Error(message(who..., " left the thread in a floating-point environment in which ",
                          fault, ": no certificate could be proved after it"));
  }

 private:
  template <std::floating_point Scalar>
  [[nodiscard]] static bool vectors_see_denormals();

#if defined(__x86_64__) && defined(__GNUC__)
  // The other half of an environment here is x87's: nothing computes there, and it takes a microsecond.
  using Environment = unsigned;
#elif defined(__wasm__)
  struct Environment {};  // there is one alone
#else
  using Environment = std::fenv_t;
#endif
  static Environment enter();
  static void become(const Environment& environment);

  Environment before_;
};

}  // namespace gloro::rounding

#ifndef GLORO_COMPILED
#include "gloro/rounding/environment.ipp"
#endif
