// Derivatives against central differences, in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "gloro/core/shape.hpp"

namespace gloro::testing {

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
  constexpr double step = 0x1p-16;  // adding a power of two is exact enough
  const Index stride = std::max<Index>(1, count / probes);
  for (Index i = 0; i < count; i += stride) {
    double& x = at(i);
    const double middle = x;
    x = middle + step;
    const double above = value();
    x = middle - step;
    const double below = value();
    x = middle;
    const double expected = (above - below) / (2 * step);
    if (!(std::abs(found(i) - expected) <= tolerance * (1 + std::abs(expected))))
      return WrongDerivative{i, found(i), expected};
  }
  return std::nullopt;
}

}  // namespace gloro::testing
