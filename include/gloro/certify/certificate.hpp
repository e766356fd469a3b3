// Certificate: an answer of a certifier, a label with the radius for which it is proved, or an
// abstention; for a relaxed guarantee, sets of classes with radii of their own.
#pragma once

#include <cstddef>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/model/bottom.hpp"

namespace gloro {

/// One of the nested sets of a relaxed answer: `added` and the classes of all sets before it. Its
/// claim at x: the network, as a function over the real numbers with these weights, has every class
/// in the set above every class outside everywhere closer to x than `radius`. Nothing is claimed of
/// the order inside the set.
struct CertifiedSet {
  int added = abstain;
  double radius = 0;  ///< rounded down; +infinity where no input changes the set; 0: not proved

  friend bool operator==(const CertifiedSet&, const CertifiedSet&) = default;
};

/// The claim of a labelled answer at x, whatever the guarantee: the network, as a function over the
/// real numbers with these weights, has `label` as its unique top class everywhere closer to x than
/// `radius` (in 2-norm, in the unit of the model's input). An abstention claims nothing of a label.
///
/// The claims of a relaxed guarantee are those of `sets`, apart: there may be sets and no label. The
/// functions that speak of sets take a label without sets, of top-1, for the set of that class.
struct Certificate {
  int label = abstain;
  double radius = 0;  ///< rounded down; +infinity where no input changes the label; 0: abstains
  /// Relaxed: by size, up to the largest proved, the first the label's own; none for top-1.
  std::vector<CertifiedSet> sets = {};

  /// No label is proved.
  [[nodiscard]] bool abstains() const { return label == abstain; }

  /// The best radius of a proved set; 0 if there is none.
  [[nodiscard]] double set_radius() const;

  /// The best radius of a proved set that has class c in it; 0 if there is none.
  [[nodiscard]] double set_radius_of(int c) const;

  /// The classes of the set with the best radius, the smallest of equals, by falling logits. None
  /// where no set is proved.
  [[nodiscard]] std::vector<int> classes() const;

  /// The classes of the largest set that is proved for a radius above `epsilon`: all others that are
  /// lie within it. None where there is no such set.
  [[nodiscard]] std::vector<int> classes_at(double epsilon) const;

  friend bool operator==(const Certificate&, const Certificate&) = default;

 private:
  [[nodiscard]] std::vector<int> first(std::size_t size) const;
};

/// The answers for a batch, in its order. Each is one value, for its claims are read together;
/// radii() (certify/summary.hpp) makes the array that a curve is drawn from.
struct Certificates {
  std::vector<Certificate> answers;
  std::vector<int> top;     ///< largest computed logit, the first of equals: proved or not
  Index needed_double = 0;  ///< answers found in double

  /// The answers for the images that follow.
  void append(const Certificates& more);
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/certify/certificate.ipp"
#endif
