// The bodies of moments.hpp.
#pragma once

#include "gloro/kernels/moments.hpp"

#include <algorithm>

#include "gloro/kernels/simd.hpp"

namespace gloro::kernels {

template <std::floating_point Scalar>
void step_by_moments(const MomentStep<Scalar>& p) {
  constexpr Index width = vector_width<Scalar>;
  // The sign of the step lies in its factors.
  const auto all = [](double factor) { return broadcast(static_cast<Scalar>(factor)); };
  const auto keep_mean = all(p.beta1), keep_square = all(p.beta2), new_mean = all(1 - p.beta1),
             new_square = all(1 - p.beta2), of_mean = all(-p.of_mean),
             of_gradient = all(-p.of_gradient), of_root = all(p.of_root), epsilon = all(p.epsilon);
  const auto step = [&](Scalar* w, const Scalar* g, Scalar* mean, Scalar* square) {
    const Packet<Scalar> gradient = load(g), squared = product(gradient, gradient);
    const Packet<Scalar> m =
        multiply_add(keep_mean, load<Scalar>(mean), product(new_mean, gradient));
    const Packet<Scalar> s =
        multiply_add(keep_square, load<Scalar>(square), product(new_square, squared));
    const Packet<Scalar> along = multiply_add(of_mean, m, product(of_gradient, gradient));
    const Packet<Scalar> over = multiply_add(of_root, square_root(s), epsilon);
    store(mean, m);
    store(square, s);
    store(w, add(load<Scalar>(w), quotient(along, over)));
  };
  Index i = 0;
  for (; i + width <= p.size; i += width) step(p.w + i, p.g + i, p.mean + i, p.square + i);
  if (const Index left = p.size - i; left > 0) {  // the same operations on a copy
    Scalar w[width] = {}, g[width] = {}, mean[width] = {}, square[width] = {};
    std::copy_n(p.w + i, left, w);
    std::copy_n(p.g + i, left, g);
    std::copy_n(p.mean + i, left, mean);
    std::copy_n(p.square + i, left, square);
    step(w, g, mean, square);
    std::copy_n(w, left, p.w + i);
    std::copy_n(mean, left, p.mean + i);
    std::copy_n(square, left, p.square + i);
  }
}

#ifdef GLORO_COMPILING
template void step_by_moments<float>(const MomentStep<float>&);
template void step_by_moments<double>(const MomentStep<double>&);
#endif

}  // namespace gloro::kernels
