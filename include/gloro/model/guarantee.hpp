// Guarantee: what an answer promises to keep. Top-1: the top class. Relaxed (Leino and Fredrikson,
// "Relaxing Local Robustness", NeurIPS 2021): the set of the k leading classes, for some k <= K (RTK),
// or for some k where these classes all lie in one affinity set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"

namespace gloro {

/// Top-1 unless made otherwise. A value: it belongs to a model, a loss or a certifier.
class Guarantee {
 public:
  Guarantee() = default;

  [[nodiscard]] static const Guarantee& top_1() {
    static const Guarantee standard;
    return standard;
  }

  /// RTK: an answer of up to `k` classes. Throws ArgumentError unless k >= 1.
  [[nodiscard]] static Guarantee top_k(Index k) {
    if (k < 1) throw ArgumentError(message("top-k takes k >= 1, got ", k));
    Guarantee guarantee;
    guarantee.most_classes_ = k;
    return guarantee;
  }

  /// Classes may stand together where one of `sets` has them all; sets may overlap. Every class may
  /// stand alone, in a set or not. Throws ArgumentError for no sets, an empty set, or a class that is
  /// negative or comes twice in one set.
  [[nodiscard]] static Guarantee affinity(std::vector<std::vector<int>> sets) {
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

  /// Whether an answer may have more classes than one.
  [[nodiscard]] bool is_relaxed() const { return most_classes_ > 1; }
  /// K: an answer has at most so many classes.
  [[nodiscard]] Index most_classes() const { return most_classes_; }
  /// Each in rising order; none for top-1 and top-k.
  [[nodiscard]] const std::vector<std::vector<int>>& affinity_sets() const {
    return affinity_sets_;
  }

  /// How many of the leading classes may stand together: the largest allowed k, at least 1. All
  /// smaller k are allowed with it, for a part of a set within an affinity set is within it too.
  /// `leaders`: the first K classes by falling logits.
  [[nodiscard]] Index allowed(std::span<const Index> leaders) const {
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

  /// Throws ArgumentError where the guarantee does not fit a model with so many classes: an answer
  /// that may name all of them says nothing, and one that names others is a mistake.
  void require_classes(Index classes) const {
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

  /// "top-1", "top-3", "affinity [0,2][1,3]".
  [[nodiscard]] std::string text() const {
    if (affinity_sets_.empty()) return message("top-", most_classes_);
    std::string all = "affinity ";
    for (const auto& set : affinity_sets_)
      for (std::size_t i = 0; i < set.size(); ++i)
        all += message(i == 0 ? "[" : ",", set[i], i + 1 == set.size() ? "]" : "");
    return all;
  }

  friend bool operator==(const Guarantee&, const Guarantee&) = default;

 private:
  Index most_classes_ = 1;
  std::vector<std::vector<int>> affinity_sets_;
};

}  // namespace gloro
