// The product of many factors, such as the layers' bounds of a deep network, rounded up.
#pragma once

#include <cmath>
#include <span>

#include "gloro/core/infinity.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::rounding {

/// Product of nonnegative factors; in between it neither overflows nor underflows.
[[nodiscard]] inline double product_up(std::span<const double> factors) {
  double mantissa = 1;
  long exponent = 0;
  bool has_zero = false;
  for (const double factor : factors) {
    if (!(factor >= 0 && factor < infinity)) return infinity;
    if (factor == 0) {
      has_zero = true;
      continue;
    }
    int power = 0;
    mantissa = mul_up(mantissa, std::frexp(factor, &power));
    exponent += power;
    mantissa = std::frexp(mantissa, &power);
    exponent += power;
  }
  if (has_zero) return 0;
  if (exponent > 2000) return infinity;
  return scale_up(mantissa, exponent < -2000 ? -2000 : static_cast<int>(exponent));
}

}  // namespace gloro::rounding
