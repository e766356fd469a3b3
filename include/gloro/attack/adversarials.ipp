// The bodies of adversarials.hpp.
#pragma once

#include "gloro/attack/adversarials.hpp"

#include <algorithm>
#include <cstddef>

namespace gloro::attack {

template <std::floating_point Scalar>
Index Adversarials<Scalar>::successes() const {
  return static_cast<Index>(std::count_if(attempts.begin(), attempts.end(),
                                          [](const Attempt& attempt) { return attempt.success; }));
}

template <std::floating_point Scalar>
Tensor<Scalar> columns(const Tensor<Scalar>& all, std::span<const Index> which) {
  Tensor<Scalar> some(all.shape(), static_cast<Index>(which.size()));
  for (std::size_t n = 0; n < which.size(); ++n)
    std::copy_n(all.sample(which[n]), all.shape().size(), some.sample(static_cast<Index>(n)));
  return some;
}

#ifdef GLORO_COMPILING
template struct Adversarials<float>;
template struct Adversarials<double>;
template Tensor<float> columns<float>(const Tensor<float>&, std::span<const Index>);
template Tensor<double> columns<double>(const Tensor<double>&, std::span<const Index>);
#endif

}  // namespace gloro::attack
