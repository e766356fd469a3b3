// SIMD: the widest vector register of the instruction set that the program is compiled for, through
// Eigen's portable packets (AVX-512, AVX, SSE, NEON, ..., or a plain scalar). The only file that
// knows them.
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <complex>
#include <concepts>

#include "gloro/core/detail/compiled_arithmetic.hpp"
#include "gloro/core/detail/instruction_set.hpp"

namespace gloro::kernels {

template <std::floating_point Scalar>
using Packet = typename Eigen::internal::packet_traits<Scalar>::type;

/// Scalars in a Packet.
template <std::floating_point Scalar>
inline constexpr int vector_width = Eigen::internal::unpacket_traits<Packet<Scalar>>::size;

/// Vector registers that the instruction set has.
inline constexpr int vector_registers = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS;

/// Clang broadcasts every value that a basic block needs before it multiplies the first, and runs
/// out of registers where GCC keeps one at a time.
#ifdef __clang__
inline constexpr bool broadcasts_early = true;
#else
inline constexpr bool broadcasts_early = false;
#endif

/// Any address will do: no result depends on alignment.
template <std::floating_point Scalar>
[[nodiscard]] EIGEN_STRONG_INLINE Packet<Scalar> load(const Scalar* from) {
  return Eigen::internal::ploadu<Packet<Scalar>>(from);
}

template <std::floating_point Scalar>
EIGEN_STRONG_INLINE void store(Scalar* to, const Packet<Scalar>& value) {
  Eigen::internal::pstoreu(to, value);
}

template <std::floating_point Scalar>
[[nodiscard]] EIGEN_STRONG_INLINE Packet<Scalar> broadcast(Scalar value) {
  return Eigen::internal::pset1<Packet<Scalar>>(value);
}

/// a * b + c: one rounding where the machine has fused multiply-add, else two.
template <typename P>
[[nodiscard]] EIGEN_STRONG_INLINE P multiply_add(const P& a, const P& b, const P& c) {
  return Eigen::internal::pmadd(a, b, c);
}

template <typename P>
[[nodiscard]] EIGEN_STRONG_INLINE P add(const P& a, const P& b) {
  return Eigen::internal::padd(a, b);
}

template <typename P>
[[nodiscard]] EIGEN_STRONG_INLINE P product(const P& a, const P& b) {
  return Eigen::internal::pmul(a, b);
}

template <typename P>
[[nodiscard]] EIGEN_STRONG_INLINE P quotient(const P& a, const P& b) {
  return Eigen::internal::pdiv(a, b);
}

/// The root of each lane, correctly rounded. Eigen's psqrt is an estimate that differs between makes of
/// processor, and compilers do not vectorise std::sqrt, which may set errno.
template <typename P>
[[nodiscard]] EIGEN_STRONG_INLINE P square_root(const P& value) {
  using Scalar = typename Eigen::internal::unpacket_traits<P>::type;
  Scalar lanes[Eigen::internal::unpacket_traits<P>::size];
  Eigen::internal::pstoreu(lanes, value);
  for (Scalar& lane : lanes) lane = std::sqrt(lane);
  return Eigen::internal::ploadu<P>(lanes);
}
#if defined(EIGEN_VECTORIZE_SSE2)
[[nodiscard]] EIGEN_STRONG_INLINE __m128 square_root(__m128 value) { return _mm_sqrt_ps(value); }
[[nodiscard]] EIGEN_STRONG_INLINE __m128d square_root(__m128d value) { return _mm_sqrt_pd(value); }
#endif
#if defined(EIGEN_VECTORIZE_AVX)
[[nodiscard]] EIGEN_STRONG_INLINE __m256 square_root(__m256 value) { return _mm256_sqrt_ps(value); }
[[nodiscard]] EIGEN_STRONG_INLINE __m256d square_root(__m256d value) {
  return _mm256_sqrt_pd(value);
}
#endif
#if defined(EIGEN_VECTORIZE_AVX512)
// With a mask, since GCC 12 warns of what _mm512_sqrt_ps leaves undefined.
[[nodiscard]] EIGEN_STRONG_INLINE __m512 square_root(__m512 value) {
  return _mm512_maskz_sqrt_ps(static_cast<__mmask16>(-1), value);
}
[[nodiscard]] EIGEN_STRONG_INLINE __m512d square_root(__m512d value) {
  return _mm512_maskz_sqrt_pd(static_cast<__mmask8>(-1), value);
}
#endif
#if defined(EIGEN_VECTORIZE_NEON) && EIGEN_ARCH_ARM64
[[nodiscard]] EIGEN_STRONG_INLINE float32x4_t square_root(float32x4_t value) {
  return vsqrtq_f32(value);
}
[[nodiscard]] EIGEN_STRONG_INLINE float64x2_t square_root(float64x2_t value) {
  return vsqrtq_f64(value);
}
#endif

/// The sum of all lanes.
template <std::floating_point Scalar>
[[nodiscard]] EIGEN_STRONG_INLINE Scalar sum_lanes(const Packet<Scalar>& value) {
  return Eigen::internal::predux(value);
}

/// (b, a) for every adjacent pair (a, b): the real and imaginary parts of Eigen's complex packets.
template <std::floating_point Scalar>
requires(vector_width<Scalar> > 1)
    [[nodiscard]] EIGEN_STRONG_INLINE Packet<Scalar> swap_pairs(const Packet<Scalar>& value) {
  using Complex = typename Eigen::internal::packet_traits<std::complex<Scalar>>::type;
  return Eigen::internal::pcplxflip(Complex(value)).v;
}

/// All bits set in the even lanes, none in the odd ones.
template <std::floating_point Scalar>
[[nodiscard]] EIGEN_STRONG_INLINE Packet<Scalar> even_lanes() {
  return Eigen::internal::peven_mask(broadcast(Scalar(0)));
}

/// All bits set where a < b, none elsewhere.
template <typename P>
[[nodiscard]] EIGEN_STRONG_INLINE P less(const P& a, const P& b) {
  return Eigen::internal::pcmp_lt(a, b);
}

/// a where the mask is set, else b.
template <typename P>
[[nodiscard]] EIGEN_STRONG_INLINE P select(const P& mask, const P& a, const P& b) {
  return Eigen::internal::pselect(mask, a, b);
}

/// Hint that the cache line at this address, which need not be valid, will soon be wanted.
template <std::floating_point Scalar>
EIGEN_STRONG_INLINE void prefetch(const Scalar* address) {
  Eigen::internal::prefetch(address);
}

}  // namespace gloro::kernels
