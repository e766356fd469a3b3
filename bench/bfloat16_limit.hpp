// What a unit for bfloat16 allows: FLOP/s of blocks that never leave the first-level cache.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include "gloro/kernels/bfloat16/terms.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"

namespace bench {

/// The best of several runs on this thread.
inline double bfloat16_limit(gloro::kernels::bfloat16::Unit which, int runs = 20) {
  using namespace gloro::kernels::bfloat16;
  using gloro::Index;
  constexpr Index terms = 10'000;
  const Operations& unit = operations(which);
  const detail::Session session(unit);
  gloro::Buffer<BFloat16> block(block_size);
  std::fill_n(block.data(), block_size, rounded(1e-3F));
  gloro::Buffer<float> sums(block_size);
  const std::vector<Index> same_block(terms);
  double best = 0;
  for (int run = 0; run < runs; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    unit.multiply({.terms = terms,
                   .a = block.data(),
                   .a_offsets = same_block.data(),
                   .b = block.data(),
                   .b_offsets = same_block.data(),
                   .c = sums.data()});
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    best = std::max(best, 2.0 * terms * block_size * side / time.count());
  }
  return best;
}

}  // namespace bench
