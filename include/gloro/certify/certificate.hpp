// Certificate: an answer of a certifier, a label with the radius for which it is proved, or an
// abstention.
#pragma once

#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/model/bottom.hpp"

namespace gloro {

/// The claim of a labelled answer at x: the network, as a function over the real numbers with these
/// weights, has `label` as its unique top class everywhere closer to x than `radius` (in 2-norm, in
/// the unit of the model's input). An abstention claims nothing.
struct Certificate {
  int label = abstain;
  double radius = 0;  ///< rounded down; +infinity where no input changes the label; 0: abstains

  [[nodiscard]] bool abstains() const { return label == abstain; }

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// The answers for a batch, in its order.
struct Certificates {
  std::vector<Certificate> answers;
  std::vector<int> top;     ///< largest computed logit, the first of equals: proved or not
  Index needed_double = 0;  ///< answers found in double
};

}  // namespace gloro
