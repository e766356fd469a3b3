// Derivatives against central differences, in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "gloro/core/shape.hpp"

namespace gloro::testing {

/// The derivative of `function` by `at`. `step`: a power of two, so that adding it is exact enough.
[[nodiscard]] inline double central_difference(double& at, double step,
                                               const std::function<double()>& function) {
  const double middle = at;
  at = middle + step;
  const double above = function();
  at = middle - step;
  const double below = function();
  at = middle;
  return (above - below) / (2 * step);
}

/// A derivative that is not what it should be: by which number, what was found, and the difference.
struct WrongDerivative {
  Index at = 0;
  double found = 0, expected = 0;
};

/// The first of about `probes` derivatives, `found(i)` of `value()` by `at(i)` for i < count, that is off
/// its central difference by more than `tolerance` (1 + |difference|); nothing where all agree.
[[nodiscard]] inline std::optional<WrongDerivative> wrong_derivative(
    Index count, Index probes, double tolerance, const std::function<double&(Index)>& at,
    const std::function<double(Index)>& found, const std::function<double()>& value) {
  constexpr double step = 0x1p-16;
  const Index stride = std::max<Index>(1, count / probes);
  for (Index i = 0; i < count; i += stride) {
    const double expected = central_difference(at(i), step, value);
    if (!(std::abs(found(i) - expected) <= tolerance * (1 + std::abs(expected))))
      return WrongDerivative{i, found(i), expected};
  }
  return std::nullopt;
}

}  // namespace gloro::testing
