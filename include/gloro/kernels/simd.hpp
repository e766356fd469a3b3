// SIMD: the widest vector register of the instruction set that the program is compiled for, through
// Eigen's portable packets (AVX-512, AVX, SSE, NEON, ..., or a plain scalar). The only file that
// knows them.
#pragma once

#include <Eigen/Core>

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
