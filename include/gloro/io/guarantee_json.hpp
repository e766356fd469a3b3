// A guarantee as JSON: in a model's metadata, {"top_k": 3} or {"affinity": [[0, 2], [1, 3]]}, and in
// an affinity file, the list of sets alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/io/json.hpp"
#include "gloro/model/guarantee.hpp"

namespace gloro {

[[nodiscard]] OrderedJson to_json(const Guarantee& guarantee);

/// Throws Error for anything but what to_json writes, and for a guarantee that there cannot be.
[[nodiscard]] Guarantee guarantee_from_json(const Json& object);

/// Reads affinity sets for a model of so many classes: a JSON list of lists of classes, by number or
/// by one of `class_names`, such as [[3, 5], ["ship", "airplane"]]; or lists one after the other as
/// the original package writes them, [3,5][0,8]. Throws FileError with what was expected and what is
/// there.
[[nodiscard]] Guarantee read_affinity(const std::filesystem::path& path, Index classes,
                                      const std::vector<std::string>& class_names = {});

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/io/guarantee_json.ipp"
#endif
