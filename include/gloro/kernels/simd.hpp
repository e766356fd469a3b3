// SIMD: the widest vector register of the instruction set that the program is compiled for, through
// Eigen's portable packets (AVX-512, AVX, SSE, NEON, ..., or a plain scalar). The only file that
// knows them.
#pragma once

#include <Eigen/Core>

#include <concepts>

namespace gloro::kernels {

template <std::floating_point Scalar>
using Packet = typename Eigen::internal::packet_traits<Scalar>::type;

/// Scalars in a Packet.
template <std::floating_point Scalar>
inline constexpr int vector_width = Eigen::internal::unpacket_traits<Packet<Scalar>>::size;

/// Vector registers that the instruction set has.
inline constexpr int vector_registers = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS;

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

}  // namespace gloro::kernels
