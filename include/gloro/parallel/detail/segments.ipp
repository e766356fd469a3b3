// The bodies of segments.hpp.
#pragma once

#include "gloro/parallel/detail/segments.hpp"

#include <algorithm>
#include <numeric>

#include "gloro/core/compiled.hpp"

namespace gloro {

GLORO_INLINE std::vector<Piece> pieces_of(std::span<const Index> sizes) {
  std::vector<Piece> pieces;
  Index flat = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (Index begin = 0; begin < sizes[i]; begin += Piece::most)
      pieces.push_back({i, begin, flat + begin, std::min(Piece::most, sizes[i] - begin)});
    flat += sizes[i];
  }
  return pieces;
}

GLORO_INLINE Segments::Segments(const std::vector<Index>& sizes, Index extra, Processes& processes)
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

template <std::floating_point Scalar>
void Segments::gather(Index first, std::span<const std::span<Scalar>> arrays) const {
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

#ifdef GLORO_COMPILING
template void Segments::gather(Index first, std::span<const std::span<float>> arrays) const;
template void Segments::gather(Index first, std::span<const std::span<double>> arrays) const;
#endif

}  // namespace gloro
