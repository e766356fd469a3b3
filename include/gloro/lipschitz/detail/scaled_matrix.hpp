// ScaledMatrix: weights in double, brought near one by a power of two, so that what bounds compute of
// them neither overflows nor underflows.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "gloro/core/tensor.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro::lipschitz {

using namespace rounding;

/// A matrix of doubles times a power of two: value 2^exponent, largest |entry| in [1, 2), or all
/// zero. Real entries differ from it by at most entry_error 2^exponent + lost.
struct ScaledMatrix {
  Matrix<double> value;
  int exponent = 0;
  double entry_error = 0;
  double lost = 0;
  bool is_zero = true;
  double entries = 0;  // rows times columns

  /// From a bound of the norm of an operator made of `value` to one of the real operator. An entry
  /// must act on the whole with norm at most 1, as it does in a matrix and in a convolution.
  [[nodiscard]] double unscaled(double norm) const {
    return add_up(scale_up(add_up(norm, mul_up(entries, entry_error)), exponent),
                  mul_up(entries, lost));
  }
};

/// Scales by a power of two, so that squares neither overflow nor underflow: exact, but for double
/// entries 2^-1022 times smaller than the largest and for denormals that the machine reads as zero.
/// Nothing if an entry is NaN or infinite.
template <typename Derived>
[[nodiscard]] std::optional<ScaledMatrix> scaled(const Eigen::MatrixBase<Derived>& matrix) {
  using Scalar = typename Derived::Scalar;
  ScaledMatrix result;
  result.value = matrix.template cast<double>();
  result.entries = static_cast<double>(matrix.size());
  double largest = 0;
  for (Index j = 0; j < matrix.cols(); ++j)
    for (Index i = 0; i < matrix.rows(); ++i) {
      const double magnitude = std::abs(result.value(i, j));
      if (!(magnitude <= std::numeric_limits<double>::max())) return std::nullopt;
      largest = std::max(largest, magnitude);
    }
  if (reads_denormals_as_zero<Scalar>())
    result.lost = static_cast<double>(std::numeric_limits<Scalar>::min());
  if (largest > 0) {
    result.is_zero = false;
    result.exponent = std::ilogb(largest);
    const int half = result.exponent / 2;  // two steps: 2^-exponent itself may not be a double
    result.value *= std::ldexp(1.0, -half);
    result.value *= std::ldexp(1.0, half - result.exponent);
    if (result.exponent > 0 && sizeof(Scalar) > sizeof(float))
      result.entry_error = 2 * underflow_unit;
  }
  return result;
}

}  // namespace gloro::lipschitz
