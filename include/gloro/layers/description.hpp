// Description: a layer as data, its type and its options by name, as a model file has them.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/shape.hpp"

namespace gloro {

/// A layer's type and options by name: what a model file says about it. Numbers are written, and
/// come back, in the precision of the model's weights.
struct Description {
  /// The last: the layers that a layer is made of.
  using Value = std::variant<bool, Index, double, std::string, std::vector<Index>,
                             std::vector<double>, std::vector<Description>>;
  std::string type;
  std::vector<std::pair<std::string, Value>> options = {};

  friend bool operator==(const Description&, const Description&) = default;
};

class DescribedOptions;  // the way back: layers/described_options.hpp

}  // namespace gloro
