// Derivatives against central differences, in double.
#pragma once

#include <functional>
#include <optional>

#include "gloro/core/shape.hpp"

namespace gloro::testing {

/// The derivative of `function` by `at`. `step`: a power of two, so that adding it is exact enough.
[[nodiscard]] double central_difference(double& at, double step,
                                        const std::function<double()>& function);

/// A derivative that is not what it should be: by which number, what was found, and the difference.
struct WrongDerivative {
  Index at = 0;
  double found = 0, expected = 0;
};

/// The first of about `probes` derivatives, `found(i)` of `value()` by `at(i)` for i < count, that is off
/// its central difference by more than `tolerance` (1 + |difference|); nothing where all agree.
[[nodiscard]] std::optional<WrongDerivative> wrong_derivative(
    Index count, Index probes, double tolerance, const std::function<double&(Index)>& at,
    const std::function<double(Index)>& found, const std::function<double()>& value);

}  // namespace gloro::testing

#ifndef GLORO_COMPILED
#include "gloro/testing/central_difference.ipp"
#endif
