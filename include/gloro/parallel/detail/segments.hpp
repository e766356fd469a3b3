// Segments: parameters laid end to end and shared out among the processes. Each process finishes the
// gradient of its own segment, keeps the optimizer's state of it and moves its weights, which all then
// gather (Rajbhandari et al., ZeRO, 2020, stage one).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <numeric>
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
[[nodiscard]] inline std::vector<Piece> pieces_of(std::span<const Index> sizes) {
  std::vector<Piece> pieces;
  Index flat = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (Index begin = 0; begin < sizes[i]; begin += Piece::most)
      pieces.push_back({i, begin, flat + begin, std::min(Piece::most, sizes[i] - begin)});
    flat += sizes[i];
  }
  return pieces;
}

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
  Segments(const std::vector<Index>& sizes, Index extra, Processes& processes)
      : processes_(processes) {
    const std::vector<Piece> pieces = pieces_of(sizes);
    const Index values = std::accumulate(sizes.begin(), sizes.end(), Index{0});
    const auto begin_of = [&](Index piece) {
      const auto i = static_cast<std::size_t>(piece);
      return i < pieces.size() ? pieces[i].flat : values;
    };
    for (int p = 0; p < processes.count(); ++p) {
      const auto share = processes.share(static_cast<Index>(pieces.size()), p);
      segments_.push_back({begin_of(share.first), begin_of(share.end)});
    }
    segments_.back().end += extra;
  }

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
  void gather(Index first, std::span<const std::span<Scalar>> arrays) const {
    if (processes_.count() == 1) return;
    std::vector<Processes::Part> parts;
    for (const auto& array : arrays) {
      for (int p = 0; p < processes_.count(); ++p) {
        const Index begin = std::max(of(p).first - first, Index{0});
        const Index end = std::min(of(p).end - first, static_cast<Index>(array.size()));
        if (begin < end)
          parts.push_back(
              {p, std::as_writable_bytes(array.subspan(static_cast<std::size_t>(begin),
                                                       static_cast<std::size_t>(end - begin)))});
      }
      first += static_cast<Index>(array.size());
    }
    processes_.gather_parts(parts);
  }

 private:
  Processes& processes_;
  std::vector<Processes::Share> segments_;  // by process
};

}  // namespace gloro
