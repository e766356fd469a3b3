// settle_lipschitz: power iteration until the estimates hardly grow; after training, or after a file is read.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include "gloro/lipschitz/affordable.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

struct Settling {
  double tolerance = 1e-6;  ///< relative growth of an estimate in ten steps that counts as none
  int most_steps = 10000;  ///< fewer where a handful of weights act on images of millions of pixels
};

/// Power iteration in every layer until no estimate grows by more than the tolerance. Returns whether
/// that was so within the steps.
template <std::floating_point Scalar>
bool settle_lipschitz(GloroModel<Scalar>& model, const Settling& settling = {}) {
  double values = 0, weights = 0;
  for (std::size_t l = 0; l < model.layers().size(); ++l)
    values += static_cast<double>(model.output_shape(l).size());
  for (const auto* parameter : std::as_const(model).parameters())
    weights += static_cast<double>(parameter->value.size());
  const int most = lipschitz::affordable_steps(settling.most_steps, values, weights);

  Workers one(1);
  std::vector<Scalar> before = model.layer_lipschitz();
  for (int steps = 0; steps < most; steps += 10) {
    model.refresh_lipschitz(10, one);
    std::vector<Scalar> after = model.layer_lipschitz();
    const bool settled =
        std::equal(before.begin(), before.end(), after.begin(), [&](Scalar old, Scalar now) {
          return std::abs(static_cast<double>(now) - static_cast<double>(old)) <=
                 settling.tolerance * static_cast<double>(now);  // NaN never settles
        });
    if (settled) return true;
    before = std::move(after);
  }
  return false;
}

}  // namespace gloro
