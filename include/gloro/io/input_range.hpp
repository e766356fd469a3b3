// The range of values that a network was trained on, which its file names, against that of the images it
// is given. A certificate is true in any unit; but pixels from 0 to 255 given to a network of pixels from
// 0 to 1 are none of the images that it knows, and their radii say nothing about them.
#pragma once

#include <optional>
#include <string>

#include "gloro/core/error.hpp"
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
[[nodiscard]] inline RangeCheck check_range(const data::Dataset& images, const std::string& model,
                                            const std::optional<ValueRange>& expected) {
  constexpr ValueRange usual{0, 1};  // of networks that are trained on bytes
  const ValueRange range = expected.value_or(usual);
  RangeCheck check{images.range(), expected, images.outside(range), ""};
  const auto from_to = [](const ValueRange& r) { return message(r.least, " to ", r.most); };
  if (check.outside > 0) {
    check.warning = message(check.outside, " of ", images.size(), " images of ", images.name(),
                            " have values outside ", from_to(range), ": they go from ",
                            from_to(check.found), ". ");
    check.warning += expected ? message(model, " was trained on ", from_to(range),
                                        ": images in another unit are no images to it")
                              : message(model,
                                        " does not say which range it was trained on: images in "
                                        "another unit are no images to it");
  } else if (expected && !images.empty() && 10 * check.found.width() < range.width()) {
    check.warning =
        message("the values of ", images.name(), " go from ", from_to(check.found), ", and ", model,
                " was trained on ", from_to(range), ": is this another unit?");
  }
  return check;
}

[[nodiscard]] inline OrderedJson to_json(const RangeCheck& check) {
  OrderedJson json{{"found", {check.found.least, check.found.most}}, {"expected", nullptr}};
  if (check.expected) json["expected"] = {check.expected->least, check.expected->most};
  json["images_outside"] = check.outside;
  if (!check.warning.empty()) json["warning"] = check.warning;
  return json;
}

}  // namespace gloro
