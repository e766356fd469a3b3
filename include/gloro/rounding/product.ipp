// The bodies of product.hpp.
#pragma once

#include "gloro/rounding/product.hpp"

#include <cmath>

#include "gloro/core/compiled.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::rounding {

GLORO_INLINE double product_up(std::span<const double> factors) {
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
