// An arithmetic to evaluate a network in, float or double, and what its rounding may do.
#pragma once

#include <span>
#include <utility>

#include "gloro/certify/detail/head_rounding.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro::detail {

template <typename Of>  // unconstrained: Clang 14 dies of a concept here
struct Arithmetic {
  Arithmetic(GloroModel<Of> model, std::span<const LayerBound> bounds)
      : forward(std::move(model), bounds), head(forward.model().head()) {}

  RunningError<Of> forward;
  HeadRounding head;
};

}  // namespace gloro::detail
