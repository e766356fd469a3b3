// The bodies of products.hpp.
#pragma once

#include "gloro/rounding/products.hpp"

#include <limits>

#include "gloro/rounding/outward.hpp"

namespace gloro::rounding {

template <std::floating_point Scalar>
RoundingBound of_products(const Products& products) {
  const double relative = gamma(static_cast<double>(products.depth), unit_roundoff<Scalar>());
  if (!(relative < 1)) return RoundingBound::unknown();
  const auto terms = static_cast<double>(products.terms);
  const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
  const double weights = sqrt_up(terms * static_cast<double>(products.fan_out));
  const double inputs = mul_up(products.magnitude, sqrt_up(static_cast<double>(products.inputs)));
  return relative * RoundingBound{products.magnitude, products.bias} +
         (underflow<Scalar>(3 * (terms + 1), static_cast<double>(products.outputs)) +
          tiny * RoundingBound{weights, inputs});
}

#ifdef GLORO_COMPILING
template RoundingBound of_products<float>(const Products& products);
template RoundingBound of_products<double>(const Products& products);
#endif

}  // namespace gloro::rounding
