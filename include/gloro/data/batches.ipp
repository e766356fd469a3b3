// The bodies of batches.hpp.
#pragma once

#include "gloro/data/batches.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"

namespace gloro::data {

GLORO_INLINE std::vector<Index> epoch_order(Index size, std::uint64_t seed, std::uint64_t epoch) {
  if (size < 0) throw ArgumentError(message("an epoch of ", size, " samples"));
  constexpr std::uint64_t orders = 0x6f72646572;  // a stream of their own: "order" in ASCII
  std::vector<Index> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), Index{0});
  Random(seed, orders).split(epoch).shuffle(std::span(order));
  return order;
}

GLORO_INLINE Index batch_count(Index size, Index batch_size) {
  if (batch_size < 1) throw ArgumentError(message("the batch size must be >= 1, got ", batch_size));
  return size / batch_size + (size % batch_size != 0 ? 1 : 0);
}

GLORO_INLINE std::span<const Index> batch_of(std::span<const Index> order, Index batch_size,
                                             Index b) {
  const auto size = static_cast<Index>(order.size());
  if (b < 0 || b >= batch_count(size, batch_size))
    throw ArgumentError(message("batch ", b, " of ", batch_count(size, batch_size)));
  const Index first = b * batch_size;
  const Index count = std::min(batch_size, size - first);
  return order.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
}

}  // namespace gloro::data
