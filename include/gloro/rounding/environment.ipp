// The bodies of environment.hpp.
#pragma once

#include "gloro/rounding/environment.hpp"

#include <cfenv>
#include <cstdint>
#include <limits>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/compiled_arithmetic.hpp"
#include "gloro/kernels/level.hpp"
#include "gloro/kernels/simd.hpp"
#include "gloro/rounding/outward.hpp"

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace gloro::rounding {

#ifdef __wasm__
namespace detail {
/// WebAssembly has no environment: it rounds to nearest and knows denormal numbers (its specification,
/// section 4.3.3). So there is nothing to ask but the arithmetic itself.
[[nodiscard]] inline bool rounds_to_nearest() {
  const volatile double one = 1, step = std::numeric_limits<double>::epsilon();
  const volatile double little = 0.25 * step, much = 0.75 * step;
  return one + little == one && one + much == one + step && -one - little == -one &&
         -one - much == -one - step;
}
}  // namespace detail
#endif

GLORO_INLINE const char* floating_point_fault() {
  bool rounds_otherwise = false, flushes = false, reads_as_zero = false;
#if defined(__SSE2__) || defined(_M_X64)
  const unsigned control = _mm_getcsr();
  rounds_otherwise = (control & 0x6000) != 0;
  flushes = (control & 0x8000) != 0;
  reads_as_zero = (control & 0x0040) != 0;
#elif defined(__aarch64__) && defined(__GNUC__)
  std::uint64_t control = 0;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  rounds_otherwise = (control & 0xC00000) != 0;
  flushes = (control & 0x1000000) != 0;
  reads_as_zero = (control & 0x1) != 0;
#else
#ifdef __wasm__
  rounds_otherwise = !detail::rounds_to_nearest();
#else
  rounds_otherwise = std::fegetround() != FE_TONEAREST;
#endif
  const volatile float smallest = std::numeric_limits<float>::min();
  const volatile double smallest_double = std::numeric_limits<double>::min();
  const volatile float half = smallest / 2;
  const volatile double half_double = smallest_double / 2;
  flushes = !(half > 0) || !(half_double > 0);
  reads_as_zero = reads_denormals_as_zero<float>() || reads_denormals_as_zero<double>();
#endif
  if (rounds_otherwise) return "numbers are not rounded to nearest";
  if (flushes) return "denormal numbers are flushed to zero";
  if (reads_as_zero) return "denormal numbers are read as zero";
  return nullptr;
}

GLORO_INLINE DefaultFloatingPoint::DefaultFloatingPoint() : before_(enter()) {}
GLORO_INLINE DefaultFloatingPoint::~DefaultFloatingPoint() { become(before_); }

template <std::floating_point Scalar>
void DefaultFloatingPoint::require() {
  (void)kernels::level();  // which asks the kernels that were chosen
  if (const char* fault = gloro::detail::arithmetic_fault)
    throw Error(message("certificates need IEEE arithmetic, but in a part of this program ", fault,
                        ": compile all of it without -ffast-math and all that belongs to it"));
  if (const char* fault = floating_point_fault())
    throw Error(message("certificates need IEEE arithmetic, but on this machine ", fault));
  const volatile Scalar smallest = std::numeric_limits<Scalar>::min();
  const volatile Scalar half = smallest / 2;
  if (reads_denormals_as_zero<Scalar>() || !(half > 0) || !vectors_see_denormals<Scalar>())
    throw Error("certificates need IEEE arithmetic, but this machine lacks denormal numbers");
}

// NEON of a 32-bit ARM has a mode of its own, which nothing changes: denormals are zeros to it.
template <std::floating_point Scalar>
bool DefaultFloatingPoint::vectors_see_denormals() {
  const volatile Scalar tiny = std::numeric_limits<Scalar>::denorm_min();
  const auto zero = kernels::broadcast(Scalar(0)), one = kernels::broadcast(Scalar(1));
  const auto seen =
      kernels::select(kernels::less(zero, kernels::broadcast(Scalar(tiny))), one, zero);
  return kernels::sum_lanes<Scalar>(seen) == Scalar(kernels::vector_width<Scalar>);
}

#if defined(__x86_64__) && defined(__GNUC__)
#ifdef _WIN32
// Its library's hypot, sin and cos are those of the x87, which has a mode of its own: the upper half.
GLORO_INLINE DefaultFloatingPoint::Environment DefaultFloatingPoint::enter() {
  std::uint16_t control = 0;
  __asm__ volatile("fnstcw %0" : "=m"(control));
  const Environment before = (_mm_getcsr() & 0xFFFF) | static_cast<Environment>(control) << 16;
  become(0x037F1F80);
  return before;
}
#else
GLORO_INLINE DefaultFloatingPoint::Environment DefaultFloatingPoint::enter() {
  const Environment before = _mm_getcsr();
  become(0x1F80);
  return before;
}
#endif
// A call of its own, for compilers move arithmetic past what they can see through.
[[gnu::noinline]] GLORO_INLINE void DefaultFloatingPoint::become(const Environment& environment) {
#ifdef _WIN32
  const auto control = static_cast<std::uint16_t>(environment >> 16);
  __asm__ volatile("fldcw %0" : : "m"(control));
  _mm_setcsr(environment & 0xFFFF);
#else
  _mm_setcsr(environment);
#endif
}
#elif defined(__wasm__)
GLORO_INLINE DefaultFloatingPoint::Environment DefaultFloatingPoint::enter() { return {}; }
GLORO_INLINE void DefaultFloatingPoint::become(const Environment&) {}
#else
GLORO_INLINE DefaultFloatingPoint::Environment DefaultFloatingPoint::enter() {
  Environment before;
  std::fegetenv(&before);
  std::fesetenv(FE_DFL_ENV);
  return before;
}
GLORO_INLINE void DefaultFloatingPoint::become(const Environment& environment) {
  std::fesetenv(&environment);
}
#endif

#ifdef GLORO_COMPILING
template void DefaultFloatingPoint::require<float>();
template void DefaultFloatingPoint::require<double>();
#endif

}  // namespace gloro::rounding
