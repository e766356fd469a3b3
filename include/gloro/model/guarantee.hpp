// Guarantee: what an answer promises to keep. Top-1: the top class. Relaxed (Leino and Fredrikson,
// "Relaxing Local Robustness", NeurIPS 2021): the set of the k leading classes, for some k <= K (RTK),
// or for some k where these classes all lie in one affinity set.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"

namespace gloro {

/// Top-1 unless made otherwise. A value: it belongs to a model, a loss or a certifier.
class Guarantee {
 public:
  Guarantee() = default;

  [[nodiscard]] static const Guarantee& top_1();

  /// RTK: an answer of up to `k` classes. Throws ArgumentError unless k >= 1.
  [[nodiscard]] static Guarantee top_k(Index k);

  /// Classes may stand together where one of `sets` has them all; sets may overlap. Every class may
  /// stand alone, in a set or not. Throws ArgumentError for no sets, an empty set, or a class that is
  /// negative or comes twice in one set.
  [[nodiscard]] static Guarantee affinity(std::vector<std::vector<int>> sets);

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
  [[nodiscard]] Index allowed(std::span<const Index> leaders) const;

  /// Throws ArgumentError where the guarantee does not fit a model with so many classes: an answer
  /// that may name all of them says nothing, and one that names others is a mistake.
  void require_classes(Index classes) const;

  /// "top-1", "top-3", "affinity [0,2][1,3]".
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Guarantee&, const Guarantee&) = default;

 private:
  Index most_classes_ = 1;
  std::vector<std::vector<int>> affinity_sets_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/model/guarantee.ipp"
#endif
