// LeadingSets: the sets of the k leading classes of one sample that a guarantee allows, and for each
// the pair of a class inside and one outside that decides how well it stands (Leino and Fredrikson
// 2021): bottom logits and certified radii are both made of these.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>

#include "gloro/core/buffer.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/model/guarantee.hpp"

namespace gloro {

template <std::floating_point Lead>
class LeadingSets {
 public:
  /// A class j in a set and a class i outside, with lead(j, i).
  struct Pair {
    Index inside = -1, outside = -1;  ///< -1: there is none
    Lead lead = std::numeric_limits<Lead>::infinity();
  };

  /// `logits`: one sample's, none of them NaN. `lead(j, i)`: how far j stands ahead of i, in any
  /// measure; the least decides, and NaN is less than all.
  template <typename Logits, typename LeadOf>
  LeadingSets(const Logits& logits, const Guarantee& guarantee, LeadOf&& lead)
      : leaders_(most(logits.size(), guarantee)), pairs_(leaders_.size()) {
    // By falling logits, of equals the first first: a whole order, also with ties.
    const auto is_before = [&](Index a, Index b) {
      return logits(a) > logits(b) || (logits(a) == logits(b) && a < b);
    };
    Index* const leaders = leaders_.data();
    for (std::size_t k = 0; k < leaders_.size(); ++k) {
      leaders[k] = -1;
      for (Index i = 0; i < logits.size(); ++i)
        if ((k == 0 || is_before(leaders[k - 1], i)) &&
            (leaders[k] < 0 || is_before(i, leaders[k])))
          leaders[k] = i;
    }
    count_ = guarantee.allowed({leaders, leaders_.size()});

    // A pair counts in every set that has its one class and not the other. So each class inside
    // meets those outside all sets first, then the leaders behind it, the last first.
    std::fill_n(pairs_.data(), count_, Pair{});
    for (Index j = 0; j < count_; ++j) {
      Pair worst;
      const auto meet = [&](Index i) { lower(worst, {leaders[j], i, lead(leaders[j], i)}); };
      for (Index i = 0; i < logits.size(); ++i)
        if (is_before(leaders[count_ - 1], i)) meet(i);
      for (Index last = count_ - 1; last > j; --last) {
        lower(pairs_.data()[last], worst);
        meet(leaders[last]);
      }
      lower(pairs_.data()[j], worst);
    }
  }

  /// Sets that are allowed: those of 1 .. count() leading classes.
  [[nodiscard]] Index count() const { return count_; }
  /// The class with `rank` others before it, rank < count().
  [[nodiscard]] Index leader(Index rank) const { return leaders_.data()[rank]; }
  /// The pair with the least lead of the set of `size` classes, 1 <= size <= count().
  [[nodiscard]] const Pair& weakest(Index size) const { return pairs_.data()[size - 1]; }

 private:
  [[nodiscard]] static std::size_t most(Index classes, const Guarantee& guarantee) {
    return static_cast<std::size_t>(
        std::clamp<Index>(guarantee.most_classes(), 1, std::max<Index>(classes - 1, 1)));
  }

  static void lower(Pair& worst, const Pair& other) {
    if (other.outside >= 0 &&
        (worst.outside < 0 || other.lead < worst.lead || std::isnan(other.lead)))
      worst = other;
  }

  Buffer<Index> leaders_;
  Buffer<Pair> pairs_;
  Index count_ = 1;
};

}  // namespace gloro
