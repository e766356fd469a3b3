// The bodies of central_difference.hpp.
#pragma once

#include "gloro/testing/central_difference.hpp"

#include <algorithm>
#include <cmath>

#include "gloro/core/compiled.hpp"

namespace gloro::testing {

GLORO_INLINE double central_difference(double& at, double step,
                                       const std::function<double()>& function) {
  const double middle = at;
  at = middle + step;
  const double above = function();
  at = middle - step;
  const double below = function();
  at = middle;
  return (above - below) / (2 * step);
}

GLORO_INLINE std::optional<WrongDerivative> wrong_derivative(
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
