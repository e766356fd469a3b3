// The bodies of guarantee.hpp.
#pragma once

#include "gloro/model/guarantee.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE const Guarantee& Guarantee::top_1() {
  static const Guarantee standard;
  return standard;
}

GLORO_INLINE Guarantee Guarantee::top_k(Index k) {
  if (k < 1) throw ArgumentError(message("top-k takes k >= 1, got ", k));
  Guarantee guarantee;
  guarantee.most_classes_ = k;
  return guarantee;
}

GLORO_INLINE Guarantee Guarantee::affinity(std::vector<std::vector<int>> sets) {
  if (sets.empty()) throw ArgumentError("affinity takes one set of classes or more, got none");
  Guarantee guarantee;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    std::vector<int>& set = sets[s];
    if (set.empty()) throw ArgumentError(message("affinity set ", s, " is empty"));
    std::sort(set.begin(), set.end());
    if (set.front() < 0)
      throw ArgumentError(message("affinity set ", s, ": classes are >= 0, got ", set.front()));
    const auto twice = std::adjacent_find(set.begin(), set.end());
    if (twice != set.end())
      throw ArgumentError(message("affinity set ", s, " has the class ", *twice, " twice"));
    guarantee.most_classes_ = std::max(guarantee.most_classes_, static_cast<Index>(set.size()));
  }
  guarantee.affinity_sets_ = std::move(sets);
  return guarantee;
}

GLORO_INLINE Index Guarantee::allowed(std::span<const Index> leaders) const {
  if (affinity_sets_.empty()) return static_cast<Index>(leaders.size());
  std::size_t longest = 1;
  for (const auto& set : affinity_sets_) {
    std::size_t inside = 0;
    while (inside < leaders.size() && std::binary_search(set.begin(), set.end(), leaders[inside]))
      ++inside;
    longest = std::max(longest, inside);
  }
  return static_cast<Index>(longest);
}

GLORO_INLINE void Guarantee::require_classes(Index classes) const {
  if (is_relaxed() && most_classes_ >= classes)
    throw ArgumentError(message("an answer of ", most_classes_,
                                " classes says nothing where there "
                                "are ",
                                classes, ": at most ", std::max<Index>(classes - 1, 1)));
  for (const auto& set : affinity_sets_)
    if (set.back() >= classes)
      throw ArgumentError(
          message("affinity sets name classes from 0 to ", classes - 1, ", got ", set.back()));
}

GLORO_INLINE std::string Guarantee::text() const {
  if (affinity_sets_.empty()) return message("top-", most_classes_);
  std::string all = "affinity ";
  for (const auto& set : affinity_sets_)
    for (std::size_t i = 0; i < set.size(); ++i)
      all += message(i == 0 ? "[" : ",", set[i], i + 1 == set.size() ? "]" : "");
  return all;
}

}  // namespace gloro
