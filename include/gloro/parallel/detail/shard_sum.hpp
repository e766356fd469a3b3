// ShardSum: the sum of the shards' vectors in the fixed tree of tree_sum, wherever they lie.
//
// Each process holds the vectors of a contiguous share. It first adds what the tree adds within that
// share. Then it is sent its segment of all partial sums, and walks the rest of the tree over it. So the
// tree is the same for any number of processes, aligned with it or not, and of P processes each sends
// about (P - 1) / P vectors, the least possible.
#pragma once

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
  void compute(Index count, std::span<Scalar* const> own, Scalar scale, Workers& workers);

 private:
  using Slice = Eigen::Map<Vector<Scalar>>;

  [[nodiscard]] static Slice slice(Scalar* values, Index length) { return {values, length}; }
  [[nodiscard]] static std::span<std::byte> bytes_of(Scalar* values, Index length) {
    return std::as_writable_bytes(std::span(values, static_cast<std::size_t>(length)));
  }

  /// body(at, length) on ranges that fit the second-level cache.
  template <typename Body>
  static void in_ranges(Index size, Workers& workers, Body&& body);

  void place_owners(Index count);
  [[nodiscard]] int owner(Index shard) const { return owners_[static_cast<std::size_t>(shard)]; }

  /// Whether the tree's sum of i and j, over the shards i, ..., j + (j - i) - 1, is one process's own.
  /// A process by itself leaves all of it to the second walk: once through memory is enough.
  [[nodiscard]] bool is_within_one(Index i, Index j, Index count) const;

  /// Sends each process its segment of the partial sums; returns where the partial sums of this
  /// process's segment lie, by the first shard of each (null for shards that are in another's sum).
  [[nodiscard]] std::vector<Scalar*> exchange_partial_sums(Index count,
                                                           std::span<Scalar* const> own,
                                                           Processes::Share segment);

  Segments segments_;
  std::vector<int> owners_;
  Buffer<Scalar> received_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/parallel/detail/shard_sum.ipp"
#endif
