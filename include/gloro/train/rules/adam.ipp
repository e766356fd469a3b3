// The bodies of adam.hpp.
#pragma once

#include "gloro/train/rules/adam.hpp"

#include <cmath>
#include <concepts>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/train/rules/detail/moments.hpp"

namespace gloro {

GLORO_INLINE std::vector<std::string> Adam::columns() const { return {"mean", "square"}; }

GLORO_INLINE double Adam::at(Index step, double learning_rate) const {
  const auto t = static_cast<double>(step);
  return learning_rate * (std::sqrt(1 - std::pow(beta2, t)) / (1 - std::pow(beta1, t)));
}

template <std::floating_point Scalar>
void Adam::move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state, double rate) const {
  auto step = detail::moment_step(*this, w, g, state);
  step.of_mean = rate;
  kernels::step_by_moments(step);
}

GLORO_INLINE std::string Adam::text() const { return detail::text_of_moments("adam", *this); }

GLORO_INLINE void Adam::check() const { detail::check_moments("adam", *this); }

#ifdef GLORO_COMPILING
template void Adam::move<float>(Slice<float>, ConstSlice<float>, RuleState<float>, double) const;
template void Adam::move<double>(Slice<double>, ConstSlice<double>, RuleState<double>,
                                 double) const;
template struct UpdateRule<float>::Holder<Adam>;
template struct UpdateRule<double>::Holder<Adam>;
#endif

}  // namespace gloro
