// Segments: parameters laid end to end and shared out among the processes. Each process finishes the
// gradient of its own segment, keeps the optimizer's state of it and moves its weights, which all then
// gather (Rajbhandari et al., ZeRO, 2020, stage one).
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/parallel/processes.hpp"

namespace gloro {

/// Values of one array that are computed together.
struct Piece {
  static constexpr Index most = 4096;  ///< so that one of every array fits the first-level cache

  std::size_t array;
  Index begin, flat, size;  ///< first value within the array, within all laid end to end; values
};

/// Cut alike for any number of threads and processes, so that each value is rounded alike, in the
/// middle of a SIMD loop or at its end.
[[nodiscard]] std::vector<Piece> pieces_of(std::span<const Index> sizes);

/// Values of each of a range of pointers to parameters.
template <typename Parameters>
[[nodiscard]] std::vector<Index> sizes_of(const Parameters& parameters) {
  std::vector<Index> sizes;
  for (const auto* parameter : parameters) sizes.push_back(parameter->value.size());
  return sizes;
}

class Segments {
 public:
  /// For arrays of these sizes, shared out in whole pieces, and `extra` values at the end, which are
  /// the last process's. `processes` must outlive this.
  Segments(const std::vector<Index>& sizes, Index extra, Processes& processes);

  [[nodiscard]] Processes& processes() const { return processes_; }
  /// Of all values, the extra ones included.
  [[nodiscard]] Index size() const { return segments_.back().end; }
  [[nodiscard]] Processes::Share of(int process) const {
    return segments_[static_cast<std::size_t>(process)];
  }
  [[nodiscard]] Processes::Share own() const { return of(processes_.rank()); }

  /// `arrays` are, laid end to end, the values from number `first` on: every process brings those of
  /// its segment and gets the others'.
  template <std::floating_point Scalar>
  void gather(Index first, std::span<const std::span<Scalar>> arrays) const;

 private:
  Processes& processes_;
  std::vector<Processes::Share> segments_;  // by process
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/parallel/detail/segments.ipp"
#endif
