// What check_layer is told, and what it tells.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/layers/catalogue.hpp"

namespace gloro::testing {

struct LayerCheck {
  Index batch = 3;
  std::uint64_t seed = 1;
  double disturbance =
      0.1;  ///< added to every parameter, times a normal number: biases are not zero
  double tolerance =
      1e-6;           ///< of a derivative against a central difference, relative to 1 + itself
  Index probes = 60;  ///< derivatives compared, of each kind
  /// Where its description is read back, if it has one.
  Catalogue catalogue = Catalogue::ours();
};

struct LayerReport {
  std::vector<std::string> checked;  ///< what was held against something
  std::vector<std::string> absent;   ///< what the layer does not have, and so cannot do
  std::vector<std::string> faults;   ///< what does not hold, in words; empty: all is well
};

}  // namespace gloro::testing
