// The bodies of input_range.hpp.
#pragma once

#include "gloro/io/input_range.hpp"

#include <nlohmann/json.hpp>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE RangeCheck check_range(const data::Dataset& images, const std::string& model,
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

GLORO_INLINE OrderedJson to_json(const RangeCheck& check) {
  OrderedJson json{{"found", {check.found.least, check.found.most}}, {"expected", nullptr}};
  if (check.expected) json["expected"] = {check.expected->least, check.expected->most};
  json["images_outside"] = check.outside;
  if (!check.warning.empty()) json["warning"] = check.warning;
  return json;
}

}  // namespace gloro
