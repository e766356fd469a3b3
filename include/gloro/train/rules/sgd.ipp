// The bodies of sgd.hpp.
#pragma once

#include "gloro/train/rules/sgd.hpp"

#include <concepts>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE std::vector<std::string> Sgd::columns() const {
  return momentum > 0 ? std::vector<std::string>{"velocity"} : std::vector<std::string>{};
}

template <std::floating_point Scalar>
void Sgd::move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state, double at) const {
  const auto rate = static_cast<Scalar>(at), kept = static_cast<Scalar>(momentum);
  if (momentum == 0) {
    w -= rate * g;
    return;
  }
  Slice<Scalar> velocity = state[0];
  velocity = kept * velocity - rate * g;
  if (is_nesterov)
    w += kept * velocity - rate * g;
  else
    w += velocity;
}

GLORO_INLINE std::string Sgd::text() const {
  const auto& [inertia, looks_ahead] = *this;
  return message("sgd,momentum=", inertia, ",nesterov=", looks_ahead ? 1 : 0);
}

GLORO_INLINE void Sgd::check() const { require_share("sgd: momentum", momentum); }

#ifdef GLORO_COMPILING
template void Sgd::move<float>(Slice<float>, ConstSlice<float>, RuleState<float>, double) const;
template void Sgd::move<double>(Slice<double>, ConstSlice<double>, RuleState<double>, double) const;
template struct UpdateRule<float>::Holder<Sgd>;
template struct UpdateRule<double>::Holder<Sgd>;
#endif

}  // namespace gloro
