// The metadata of a model file: what it says beside the network, for a program to read and to set.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "gloro/data/value_range.hpp"

namespace gloro {

/// What a model file says beside the network itself.
struct ModelMetadata {
  std::optional<double> epsilon = {};             ///< the radius it was trained for, in input units
  std::optional<ValueRange> input_range = {};     ///< of the values that it was trained on
  std::map<std::string, std::string> other = {};  ///< anything else, kept as it is
};

}  // namespace gloro
