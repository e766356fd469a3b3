// Shape of one sample: height x width x channels, stored with channels fastest (NHWC within a batch).
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>

#include "gloro/core/error.hpp"

namespace gloro {

using Index = Eigen::Index;

/// Product of two extents; throws ShapeError where it would overflow, so that no size is ever wrong.
[[nodiscard]] inline Index checked_product(Index a, Index b) {
  if (a < 0 || b < 0 || (b != 0 && a > std::numeric_limits<Index>::max() / b))
    throw ShapeError(message("extents ", a, " and ", b, " do not multiply to a valid size"));
  return a * b;
}

/// Sum of two sizes; throws ShapeError where it would overflow.
[[nodiscard]] inline Index checked_sum(Index a, Index b) {
  if (a < 0 || b < 0 || a > std::numeric_limits<Index>::max() - b)
    throw ShapeError(message("sizes ", a, " and ", b, " do not add up to a valid size"));
  return a + b;
}

/// Where part i begins of `count` things that are cut into `parts` of about the same size; the end for
/// i = parts. An Index may be an int, which does not hold the product.
[[nodiscard]] constexpr Index part_begin(Index count, Index i, Index parts) {
  return static_cast<Index>(std::int64_t{count} * i / parts);
}

/// Extents of one sample. A flat vector of n values is {1, 1, n}: flattening is a relabelling.
struct Shape {
  Index height = 1;
  Index width = 1;
  Index channels = 1;

  /// A flat vector of `size` values.
  [[nodiscard]] static Shape flat(Index size) { return {1, 1, size}; }

  /// Number of values of one sample; throws ShapeError if it overflows.
  [[nodiscard]] Index size() const {
    return checked_product(checked_product(height, width), channels);
  }

  [[nodiscard]] bool is_flat() const { return height == 1 && width == 1; }

  friend bool operator==(const Shape&, const Shape&) = default;

  friend std::ostream& operator<<(std::ostream& out, const Shape& shape) {
    return out << shape.height << 'x' << shape.width << 'x' << shape.channels;
  }
};

}  // namespace gloro
