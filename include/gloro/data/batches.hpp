// Batches: in which order an epoch visits the samples, and how the order is cut. The order depends
// on the seed and the epoch alone, so a resumed run goes on exactly where the first one stopped.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gloro/core/shape.hpp"

namespace gloro::data {

/// The indices 0, ..., size - 1 in the order of epoch `epoch`, every order equally likely.
[[nodiscard]] std::vector<Index> epoch_order(Index size, std::uint64_t seed, std::uint64_t epoch);

/// Batches in an epoch: all full but perhaps the last.
[[nodiscard]] Index batch_count(Index size, Index batch_size);

/// The indices of batch `b` of an order; batch 0 is the first.
[[nodiscard]] std::span<const Index> batch_of(std::span<const Index> order, Index batch_size,
                                              Index b);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/batches.ipp"
#endif
