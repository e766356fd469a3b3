// The numbers that gloro-check computes with: integers of 64 and 128 bits, GMP's rationals for the few that
// need more, and m 2^e for what files hold.
#pragma once

#include "reading.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

#include <gmpxx.h>

namespace check {

static_assert(sizeof(long) == 8, "GMP's numbers are made of long");

// No sum overflows. A matrix has entries below 2^52 units and rows of a norm below that; 2^20 activations
// below 2^60 units have a norm below 2^70: with Cauchy and Schwarz a row's product, and every part of it, is
// below 2^122, and a bias below 2^124.
inline constexpr long matrix_bits = 52, activation_bits = 60, bias_bits = 124;
inline constexpr size_t most_values = 1U << 20U;
inline constexpr size_t most_entries = 1U << 28U;  // of a matrix, 12 bytes each

inline long bit_length(Natural n) {
  const auto high = static_cast<std::uint64_t>(n >> 64U), low = static_cast<std::uint64_t>(n);
  return static_cast<long>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(low));
}
inline Natural magnitude(Wide n) {
  return n < 0 ? -static_cast<Natural>(n) : static_cast<Natural>(n);
}

/// floor(sqrt(n)) for n < 2^126.
inline int64_t floor_root(Natural n) {
  Natural root = 0;
  for (int bit = 62; bit >= 0; --bit) {
    const Natural trial = root | (Natural{1} << bit);
    if (trial * trial <= n) root = trial;
  }
  return static_cast<int64_t>(root);
}
inline int64_t root_up(size_t n) { return floor_root(n) + 1; }

inline mpz_class integer(Wide n) {
  mpz_class z = static_cast<unsigned long>(magnitude(n) >> 64U);
  z = (z << 64U) + static_cast<unsigned long>(magnitude(n));
  return n < 0 ? mpz_class(-z) : z;
}
/// n 2^e.
inline mpq_class scaled(const mpz_class& n, long e) {
  mpq_class q(n);
  if (e >= 0) mpq_mul_2exp(q.get_mpq_t(), q.get_mpq_t(), static_cast<unsigned long>(e));
  if (e < 0) mpq_div_2exp(q.get_mpq_t(), q.get_mpq_t(), static_cast<unsigned long>(-e));
  return q;
}

/// floor(n 2^shift) of a number that stays within 126 bits; `is_exact` becomes false if a bit is lost.
inline Wide shifted(Wide n, long shift, bool& is_exact) {
  if (n == 0 || shift == 0) return n;
  if (shift > 0) {
    expect(bit_length(magnitude(n)) + shift <= 126, "a number is out of this program's range");
    return n * (Wide{1} << shift);
  }
  const Wide result = shift <= -127 ? (n < 0 ? -1 : 0) : n >> -shift;
  is_exact = is_exact && shift > -127 && result * (Wide{1} << -shift) == n;
  return result;
}

/// m 2^e.
struct Dyadic {
  int64_t m = 0;
  long e = 0;
};

inline mpq_class rational(const Dyadic& d) { return scaled(integer(d.m), d.e); }

}  // namespace check
