// The bodies of class_names.hpp.
#pragma once

#include "gloro/io/class_names.hpp"

#include <cstddef>

#include <nlohmann/json.hpp>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/utf8.hpp"
#include "gloro/io/json.hpp"

namespace gloro {

GLORO_INLINE void set_class_names(ModelMetadata& metadata, const std::vector<std::string>& names) {
  if (names.empty()) return;
  Json list = Json::array();
  for (const std::string& name : names) list.push_back(utf8_text(name));
  metadata.other["class_names"] = list.dump();
}

GLORO_INLINE std::vector<std::string> class_names_of(const ModelMetadata& metadata, int classes) {
  const auto entry = metadata.other.find("class_names");
  if (entry == metadata.other.end()) return {};
  const Json list = Json::parse(entry->second, nullptr, false);
  std::vector<std::string> names;
  if (list.is_array())
    for (const Json& name : list)
      if (name.is_string()) names.push_back(name.get<std::string>());
  if (!list.is_array() || names.size() != list.size() ||
      names.size() != static_cast<std::size_t>(classes))
    throw FileError(message("metadata 'class_names' must be a list of ", classes, " texts, got ",
                            entry->second.substr(0, 80)));
  return names;
}

}  // namespace gloro
