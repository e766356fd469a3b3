// An arithmetic to evaluate a network in, float or double, and what its rounding may do.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

#include "gloro/certify/detail/head_rounding.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/core/error.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro::detail {

template <typename Of>  // unconstrained: Clang 14 dies of a concept here
struct Arithmetic {
  Arithmetic(GloroModel<Of> model, std::span<const double> stretches)
      : forward(std::move(model), stretches), head(forward.model().head()) {}

  RunningError<Of> forward;
  HeadRounding head;
};

/// The network in double. Throws Error, naming the layer, if one cannot be evaluated so.
template <std::floating_point Scalar>
[[nodiscard]] GloroModel<double> in_double(const GloroModel<Scalar>& model) {
  for (std::size_t l = 0; l < model.layers().size(); ++l) {
    try {
      (void)model.layers()[l].template cast<double>();
    } catch (const Error& error) {
      throw Error(message("layer ", l, ": ", error.what()));
    }
  }
  return model.template cast<double>();
}

}  // namespace gloro::detail
