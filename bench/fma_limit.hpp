// What the processor allows: FLOP/s of independent fused multiply-adds that never leave the
// registers, in the instruction set that the program is compiled for. The yardstick of all
// benchmarks here.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "gloro/core/shape.hpp"
#include "gloro/kernels/simd.hpp"

namespace bench {

/// FLOP/s of one thread that keeps sizeof...(chain) sums going for `steps` multiply-adds each.
template <int... chain>
double chained_flops(std::integer_sequence<int, chain...>, gloro::Index steps) {
  using gloro::kernels::broadcast, gloro::kernels::multiply_add;
  const auto a = broadcast(1.0F - 1e-6F), b = broadcast(1e-7F);
  gloro::kernels::Packet<float> sums[] = {broadcast(static_cast<float>(chain))...};
  const auto begin = std::chrono::steady_clock::now();
  for (gloro::Index step = 0; step < steps; ++step)
    ((sums[chain] = multiply_add(sums[chain], a, b)), ...);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  // The sums are wanted, the compiler must think.
  [[maybe_unused]] const volatile float seen =
      (gloro::kernels::sum_lanes<float>(sums[chain]) + ...);
  return 2.0 * sizeof...(chain) * static_cast<double>(steps) * gloro::kernels::vector_width<float> /
         time.count();
}

/// More chains than any core has multiply-adds in flight, few enough for sixteen registers.
inline constexpr auto many_chains = std::make_integer_sequence<int, 12>{};

/// The best of several runs on this thread.
inline double fma_limit(int runs = 50) {
  double best = 0;
  for (int run = 0; run < runs; ++run) best = std::max(best, chained_flops(many_chains, 200'000));
  return best;
}

/// Whether a core starts two multiply-adds of the widest, 512-bit kind at once. One chain waits out
/// the latency, four cycles on every such core so far: many chains are four times as fast as one
/// where there is one unit, eight times where there are two.
inline bool has_two_wide_units() {
  if (gloro::kernels::vector_width<float> < 16) return false;
  double one = 0;
  for (int run = 0; run < 20; ++run)
    one = std::max(one, chained_flops(std::integer_sequence<int, 0>{}, 200'000));
  return fma_limit() / one > 6;
}

}  // namespace bench
