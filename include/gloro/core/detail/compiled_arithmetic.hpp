// What the compiler made of arithmetic. Options such as -fassociative-math, or Clang's -fno-honor-nans,
// define no macro that a header could refuse. So each translation unit that includes this asks itself
// when the program starts, in code that no other unit's can stand in for, and leaves a fault where
// every Certifier looks: units share templates, and which unit's copy runs is up to the linker.
#pragma once

#include <atomic>
#include <cfloat>
#include <cmath>
#include <limits>
#include <type_traits>

#if defined(__FAST_MATH__) || defined(_M_FP_FAST)
#error "gloro's certificates need IEEE arithmetic: compile without -ffast-math"
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error "gloro's certificates need NaN and infinity: compile without -ffinite-math-only"
#endif

namespace gloro {

static_assert(std::numeric_limits<double>::is_iec559 && std::numeric_limits<float>::is_iec559,
              "gloro's certificates need IEEE arithmetic");
static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 16,  // 16: no more than half precision
              "gloro's certificates need registers no wider than the type: on x86, compile with "
              "-msse2 -mfpmath=sse");
static_assert(std::is_same_v<decltype(0.1), double>,
              "gloro's constants are double: compile without -fsingle-precision-constant");

namespace detail {

/// What was found in some unit of this program, in words; null if nothing but IEEE arithmetic.
inline std::atomic<const char*> arithmetic_fault = nullptr;

namespace {

/// In numbers that no rounding mode changes the answers of. Volatile: the compiler must not know them.
template <typename Scalar>
[[nodiscard, maybe_unused]] const char* fault_of_arithmetic() {
  using Limits = std::numeric_limits<Scalar>;
  volatile Scalar given_one = 1, given_large = 4 / Limits::epsilon(), given_divisor = 107;
  volatile Scalar given_nan = Limits::quiet_NaN(), given_infinity = Limits::infinity();
  volatile Scalar out = 0;

  const Scalar one = given_one, large = given_large, nan = given_nan, inf = given_infinity;
  out = one + large;
  out = out - large;
  const Scalar in_order = out, as_compiled = (one + large) - large;
  if (as_compiled != in_order) return "sums are taken in another order (-fassociative-math)";
  Scalar terms[16] = {large};
  for (int i = 1; i < 16; ++i) terms[i] = given_one;
  Scalar sum = 0;
  out = 0;
  for (const Scalar term : terms) sum += term;
  for (const Scalar term : terms) out = out + term;
  if (sum != out) return "sums are taken in another order (-fassociative-math)";

  Scalar multiples[16], squares[16];
  for (int i = 0; i < 16; ++i) multiples[i] = given_divisor * Scalar(i + 1);
  for (int i = 0; i < 16; ++i) squares[i] = multiples[i] * multiples[i];
  const Scalar divisor = given_divisor;
  bool divides = given_divisor / Scalar(107) == one, takes_roots = true;
  for (int i = 0; i < 16; ++i) divides = divides && multiples[i] / divisor == Scalar(i + 1);
  for (int i = 0; i < 16; ++i) takes_roots = takes_roots && std::sqrt(squares[i]) == multiples[i];
  if (!divides) return "quotients are products by a rounded reciprocal (-freciprocal-math)";
  if (!takes_roots) return "square roots are approximate (-mrecip, -fapprox-func)";

  const bool nan_is_seen = std::isnan(nan) && nan != nan && !(nan == nan) && !(nan < one) &&
                           !(nan >= one) && !std::isfinite(nan) && std::isnan(nan - nan) &&
                           std::isnan(nan * Scalar(0)) && std::isnan(inf - inf) &&
                           std::isnan(std::sqrt(-one));
  const bool infinity_is_seen = std::isinf(inf) && !std::isfinite(inf) && inf > Limits::max() &&
                                !(inf <= Limits::max()) && std::isfinite(large);
  if (!nan_is_seen) return "NaN is taken for a number (-fno-honor-nans)";
  if (!infinity_is_seen) return "infinity is taken for a number (-fno-honor-infinities)";
  return nullptr;
}

#ifndef GLORO_LEVEL  // whose instructions the processor may lack: nothing in it runs unasked
[[maybe_unused]] const bool unit_has_asked = [] {
  for (const char* fault : {fault_of_arithmetic<float>(), fault_of_arithmetic<double>()})
    if (fault) arithmetic_fault = fault;
  return true;
}();
#endif

}  // namespace
}  // namespace detail

}  // namespace gloro
