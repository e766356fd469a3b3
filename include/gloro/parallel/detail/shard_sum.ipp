// The bodies of shard_sum.hpp.
#pragma once

#include "gloro/parallel/detail/shard_sum.hpp"

#include <algorithm>

namespace gloro {

template <std::floating_point Scalar>
void ShardSum<Scalar>::compute(Index count, std::span<Scalar* const> own, Scalar scale,
                               Workers& workers) {
  const auto share = segments_.processes().share(count);
  place_owners(count);
  const auto vector = [&](Index shard) {
    return own[static_cast<std::size_t>(shard - share.first)];
  };

  in_ranges(segments_.size(), workers, [&](Index at, Index length) {
    tree_sum(count, [&](Index i, Index j) {
      if (owner(i) == segments_.processes().rank() && is_within_one(i, j, count))
        slice(vector(i) + at, length) += slice(vector(j) + at, length);
    });
  });

  const auto segment = segments_.own();
  const std::vector<Scalar*> parts = exchange_partial_sums(count, own, segment);
  Scalar* const result = own[0] + segment.first;
  in_ranges(segment.size(), workers, [&](Index at, Index length) {
    tree_sum(count, [&](Index i, Index j) {
      if (!is_within_one(i, j, count))
        slice(parts[static_cast<std::size_t>(i)] + at, length) +=
            slice(parts[static_cast<std::size_t>(j)] + at, length);
    });
    slice(result + at, length) = scale * slice(parts[0] + at, length);
  });
}

template <std::floating_point Scalar>
template <typename Body>
void ShardSum<Scalar>::in_ranges(Index size, Workers& workers, Body&& body) {
  constexpr Index range = 1 << 14;
  workers.for_each((size + range - 1) / range,
                   [&](Index r) { body(r * range, std::min(range, size - r * range)); });
}

template <std::floating_point Scalar>
void ShardSum<Scalar>::place_owners(Index count) {
  owners_.resize(static_cast<std::size_t>(count));
  for (int p = 0; p < segments_.processes().count(); ++p) {
    const auto share = segments_.processes().share(count, p);
    std::fill(owners_.begin() + share.first, owners_.begin() + share.end, p);
  }
}

template <std::floating_point Scalar>
bool ShardSum<Scalar>::is_within_one(Index i, Index j, Index count) const {
  return segments_.processes().count() > 1 && owner(i) == owner(std::min(2 * j - i, count) - 1);
}

template <std::floating_point Scalar>
std::vector<Scalar*> ShardSum<Scalar>::exchange_partial_sums(Index count,
                                                             std::span<Scalar* const> own,
                                                             Processes::Share segment) {
  Processes& processes = segments_.processes();
  std::vector<char> is_partial_sum(static_cast<std::size_t>(count), 1);
  tree_sum(count, [&](Index i, Index j) {
    if (is_within_one(i, j, count)) is_partial_sum[static_cast<std::size_t>(j)] = 0;
  });
  const Index first = processes.share(count).first;
  std::vector<Scalar*> parts(static_cast<std::size_t>(count), nullptr);
  std::vector<Processes::Outgoing> outgoing;
  std::vector<Index> foreign;
  for (Index i = 0; i < count; ++i) {
    if (!is_partial_sum[static_cast<std::size_t>(i)]) continue;
    if (owner(i) != processes.rank()) {
      foreign.push_back(i);
      continue;
    }
    Scalar* const vector = own[static_cast<std::size_t>(i - first)];
    parts[static_cast<std::size_t>(i)] = vector + segment.first;
    for (int p = 0; p < processes.count(); ++p) {
      const auto to = segments_.of(p);
      if (p != processes.rank() && to.size() > 0)
        outgoing.push_back({p, bytes_of(vector + to.first, to.size())});
    }
  }
  const auto room = foreign.size() * static_cast<std::size_t>(segment.size());
  if (received_.size() < room) received_ = Buffer<Scalar>(room);
  std::vector<Processes::Incoming> incoming;
  Scalar* at = received_.data();
  for (const Index i : foreign) {
    parts[static_cast<std::size_t>(i)] = at;
    if (segment.size() > 0) incoming.push_back({owner(i), bytes_of(at, segment.size())});
    at += segment.size();
  }
  processes.exchange(outgoing, incoming);
  return parts;
}

#ifdef GLORO_COMPILING
template class ShardSum<float>;
template class ShardSum<double>;
#endif

}  // namespace gloro
