// The names of a network's classes in its file: by them a program tells which folder of pictures is which
// label, and a report calls them.
#pragma once

#include <string>
#include <vector>

#include "gloro/io/model_metadata.hpp"

namespace gloro {

/// Adds the names, a list in JSON under the key class_names; none adds nothing.
void set_class_names(ModelMetadata& metadata, const std::vector<std::string>& names);

/// The names that the file gives; none where it gives none. Throws FileError for an entry that is no
/// list of `classes` texts.
[[nodiscard]] std::vector<std::string> class_names_of(const ModelMetadata& metadata, int classes);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/io/class_names.ipp"
#endif
