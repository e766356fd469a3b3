// The bodies of nadam.hpp.
#pragma once

#include "gloro/train/rules/nadam.hpp"

#include <cmath>
#include <concepts>
#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/train/rules/detail/moments.hpp"

namespace gloro {

GLORO_INLINE std::vector<std::string> NAdam::columns() const { return {"mean", "square"}; }

GLORO_INLINE NAdam::Factors NAdam::at(Index t, double learning_rate, const Factors& before) const {
  const double now = momentum(t), next = momentum(t + 1), product = before.product * now;
  return {.product = product,
          .mean = learning_rate * (next / (1 - product * next)),
          .gradient = learning_rate * ((1 - now) / (1 - product)),
          .root = 1 / std::sqrt(1 - std::pow(beta2, static_cast<double>(t)))};
}

template <std::floating_point Scalar>
void NAdam::move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state,
                 const Factors& at) const {
  auto step = detail::moment_step(*this, w, g, state);
  step.of_mean = at.mean;
  step.of_gradient = at.gradient;
  step.of_root = at.root;
  kernels::step_by_moments(step);
}

GLORO_INLINE std::string NAdam::text() const { return detail::text_of_moments("nadam", *this); }

GLORO_INLINE void NAdam::check() const { detail::check_moments("nadam", *this); }

GLORO_INLINE double NAdam::momentum(Index t) const {
  return beta1 * (1 - 0.5 * std::pow(0.96, 0.004 * static_cast<double>(t)));
}

#ifdef GLORO_COMPILING
template void NAdam::move<float>(Slice<float>, ConstSlice<float>, RuleState<float>,
                                 const Factors&) const;
template void NAdam::move<double>(Slice<double>, ConstSlice<double>, RuleState<double>,
                                  const Factors&) const;
template struct UpdateRule<float>::Holder<NAdam>;
template struct UpdateRule<double>::Holder<NAdam>;
#endif

}  // namespace gloro
