// The range of values that a network was trained on, which its file names, against that of the images it
// is given. A certificate is true in any unit; but pixels from 0 to 255 given to a network of pixels from
// 0 to 1 are none of the images that it knows, and their radii say nothing about them.
#pragma once

#include <optional>
#include <string>

#include "gloro/core/shape.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/data/value_range.hpp"
#include "gloro/io/json.hpp"

namespace gloro {

struct RangeCheck {
  ValueRange found;                    ///< of all images
  std::optional<ValueRange> expected;  ///< by the model file
  Index outside = 0;    ///< images with a value outside it; where none is named, 0 to 1
  std::string warning;  ///< what to tell the user; empty where nothing looks wrong
};

/// `model`: the file's name, for the warning. Images that fill less than a tenth of the range are as
/// suspect as those that leave it.
[[nodiscard]] RangeCheck check_range(const data::Dataset& images, const std::string& model,
                                     const std::optional<ValueRange>& expected);

[[nodiscard]] OrderedJson to_json(const RangeCheck& check);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/io/input_range.ipp"
#endif
