// Segments: parameters laid end to end and shared out among the processes. Each process finishes the
// gradient of its own segment, keeps the optimizer's state of it and moves its weights, which all then
// gather (Rajbhandari et al., ZeRO, 2020, stage one).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include "gloro/core/processes.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

/// The values of one array that are computed together, counted from its beginning: one of every array
/// of an optimizer fits the first-level cache. Cut alike on any number of processes, so that each value
/// is rounded alike, in the middle of a SIMD loop or at its end.
inline constexpr Index piece_size = 4096;

class Segments {
 public:
  /// For arrays of these sizes, shared out in whole pieces, and `extra` values at the end, which are
  /// the last process's. `processes` must outlive this.
  Segments(const std::vector<Index>& sizes, Index extra, Processes& processes)
      : processes_(processes) {
    std::vector<Index> pieces{0};  // where each begins, and the last ends
    for (const Index size : sizes) {
      const Index begin = pieces.back();
      for (Index at = 0; at < size; at += piece_size)
        pieces.push_back(begin + std::min(at + piece_size, size));
    }
    for (int p = 0; p < processes.count(); ++p) {
      const auto share = processes.share(static_cast<Index>(pieces.size()) - 1, p);
      segments_.push_back({pieces[static_cast<std::size_t>(share.first)],
                           pieces[static_cast<std::size_t>(share.end)]});
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
    std::vector<Processes::Outgoing> outgoing;
    std::vector<Processes::Incoming> incoming;
    for (const auto& array : arrays) {
      for (int p = 0; p < processes_.count(); ++p) {
        const Index begin = std::max(of(p).first - first, Index{0});
        const Index end = std::min(of(p).end - first, static_cast<Index>(array.size()));
        if (begin >= end) continue;
        const auto part = std::as_writable_bytes(array.subspan(
            static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
        if (p != processes_.rank()) {
          incoming.push_back({p, part});
          continue;
        }
        for (int to = 0; to < processes_.count(); ++to)
          if (to != p) outgoing.push_back({to, part});
      }
      first += static_cast<Index>(array.size());
    }
    processes_.exchange(outgoing, incoming);
  }

 private:
  Processes& processes_;
  std::vector<Processes::Share> segments_;  // by process
};

}  // namespace gloro
