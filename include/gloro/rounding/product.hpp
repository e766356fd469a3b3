// The product of many factors, such as the layers' bounds of a deep network, rounded up.
#pragma once

#include <span>

namespace gloro::rounding {

/// Product of nonnegative factors; in between it neither overflows nor underflows.
[[nodiscard]] double product_up(std::span<const double> factors);

}  // namespace gloro::rounding

#ifndef GLORO_COMPILED
#include "gloro/rounding/product.ipp"
#endif
