// The bodies of settle.hpp.
#pragma once

#include "gloro/model/settle.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "gloro/layers/detail/in_order.hpp"
#include "gloro/lipschitz/affordable.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

template <std::floating_point Scalar>
bool settle_lipschitz(GloroModel<Scalar>& model, const Settling& settling) {
  double values = 0, weights = 0;
  for (std::size_t l = 0; l < model.layers().size(); ++l)
    detail::for_each_part<Scalar>(
        {}, model.layers()[l], model.input_shape(l),
        [&](const auto&, const AnyLayer<Scalar>& layer, const Shape& input) {
          values += static_cast<double>(layer.output_shape(input).size());
        });
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

#ifdef GLORO_COMPILING
template bool settle_lipschitz(GloroModel<float>&, const Settling&);
template bool settle_lipschitz(GloroModel<double>&, const Settling&);
#endif

}  // namespace gloro
