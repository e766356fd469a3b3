// ShardSum: the sum of the shards' vectors in the fixed tree of tree_sum, wherever they lie.
//
// Each process holds the vectors of a contiguous share. It first adds what the tree adds within that
// share. Then it is sent its segment of all partial sums, and walks the rest of the tree over it. So the
// tree is the same for any number of processes, aligned with it or not, and of P processes each sends
// about (P - 1) / P vectors, the least possible.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "gloro/core/buffer.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/parallel/detail/segments.hpp"
#include "gloro/parallel/processes.hpp"
#include "gloro/parallel/workers.hpp"

namespace gloro {

template <std::floating_point Scalar>
class ShardSum {
 public:
  /// For vectors of segments.size() values.
  explicit ShardSum(Segments segments) : segments_(std::move(segments)) {}

  [[nodiscard]] const Segments& segments() const { return segments_; }

  /// Adds `count` vectors, multiplies by `scale`, and leaves every process its own segment of the
  /// result in `own[0]`. `own` are the vectors of this process's share, at least one; where the share
  /// is empty, the one is only written to. All else of `own` is overwritten.
  void compute(Index count, std::span<Scalar* const> own, Scalar scale, Workers& workers) {
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

 private:
  using Slice = Eigen::Map<Vector<Scalar>>;

  [[nodiscard]] static Slice slice(Scalar* values, Index length) { return {values, length}; }
  [[nodiscard]] static std::span<std::byte> bytes_of(Scalar* values, Index length) {
    return std::as_writable_bytes(std::span(values, static_cast<std::size_t>(length)));
  }

  /// body(at, length) on ranges that fit the second-level cache.
  template <typename Body>
  static void in_ranges(Index size, Workers& workers, Body&& body) {
    constexpr Index range = 1 << 14;
    workers.for_each((size + range - 1) / range,
                     [&](Index r) { body(r * range, std::min(range, size - r * range)); });
  }

  void place_owners(Index count) {
    owners_.resize(static_cast<std::size_t>(count));
    for (int p = 0; p < segments_.processes().count(); ++p) {
      const auto share = segments_.processes().share(count, p);
      std::fill(owners_.begin() + share.first, owners_.begin() + share.end, p);
    }
  }
  [[nodiscard]] int owner(Index shard) const { return owners_[static_cast<std::size_t>(shard)]; }

  /// Whether the tree's sum of i and j, over the shards i, ..., j + (j - i) - 1, is one process's own.
  /// A process by itself leaves all of it to the second walk: once through memory is enough.
  [[nodiscard]] bool is_within_one(Index i, Index j, Index count) const {
    return segments_.processes().count() > 1 && owner(i) == owner(std::min(2 * j - i, count) - 1);
  }

  /// Sends each process its segment of the partial sums; returns where the partial sums of this
  /// process's segment lie, by the first shard of each (null for shards that are in another's sum).
  [[nodiscard]] std::vector<Scalar*> exchange_partial_sums(Index count,
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

  Segments segments_;
  std::vector<int> owners_;
  Buffer<Scalar> received_;
};

}  // namespace gloro
