// The bodies of guarantee_json.hpp.
#pragma once

#include "gloro/io/guarantee_json.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"

namespace gloro {

GLORO_INLINE OrderedJson to_json(const Guarantee& guarantee) {
  if (guarantee.affinity_sets().empty()) return {{"top_k", guarantee.most_classes()}};
  return {{"affinity", guarantee.affinity_sets()}};
}

namespace detail {

/// A class by its number or its name.
[[nodiscard]] inline int class_from_json(const Json& value,
                                         const std::vector<std::string>& class_names) {
  if (value.is_number_unsigned() && value <= std::numeric_limits<int>::max())
    return value.get<int>();
  if (!value.is_string())
    throw Error(message("expected a class by number or name, got ", value.dump()));
  for (std::size_t c = 0; c < class_names.size(); ++c)
    if (class_names[c] == value.get_ref<const std::string&>()) return static_cast<int>(c);
  std::string known;
  for (const std::string& name : class_names) known += (known.empty() ? "" : ", ") + name;
  throw Error(message("no class is called ", value.dump(), ": expected ",
                      known.empty() ? "numbers, the classes have no names" : known));
}

[[nodiscard]] inline Guarantee affinity_from_json(const Json& list,
                                                  const std::vector<std::string>& class_names) {
  std::vector<std::vector<int>> sets;
  if (!list.is_array())
    throw Error(message("expected a list of lists of classes, got ", list.dump()));
  for (const Json& entry : list) {
    if (!entry.is_array())
      throw Error(message("expected a list of lists of classes, got ", entry.dump(), " in it"));
    std::vector<int>& set = sets.emplace_back();
    for (const Json& member : entry) set.push_back(class_from_json(member, class_names));
  }
  return Guarantee::affinity(std::move(sets));
}

/// `text` with commas between lists that follow one another, in brackets: [0][1,2] as [[0],[1,2]].
[[nodiscard]] inline std::string one_list(std::string_view text) {
  std::string list = "[";
  bool in_name = false, is_escaped = false;
  int depth = 0, lists = 0;
  for (const char c : text) {
    if (!in_name && c == '[' && depth++ == 0 && lists++ > 0) list += ',';
    if (!in_name && c == ']') --depth;
    if (c == '"' && !is_escaped) in_name = !in_name;
    is_escaped = in_name && c == '\\' && !is_escaped;
    list += c;
  }
  return list + "]";
}

}  // namespace detail

GLORO_INLINE Guarantee guarantee_from_json(const Json& object) {
  if (object.is_object() && object.size() == 1) {
    if (object.contains("affinity")) return detail::affinity_from_json(object["affinity"], {});
    if (object.contains("top_k") && object["top_k"].is_number_unsigned() &&
        object["top_k"] <= std::numeric_limits<int>::max())
      return Guarantee::top_k(object["top_k"].get<Index>());
  }
  throw Error(
      message("expected {\"top_k\": K} or {\"affinity\": [[...], ...]}, got ", object.dump()));
}

GLORO_INLINE Guarantee read_affinity(const std::filesystem::path& path, Index classes,
                                     const std::vector<std::string>& class_names) {
  std::ifstream file = open_to_read(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    Json list = parse_json(detail::one_list(text));
    const bool is_whole = list.size() == 1 && list[0].is_array() && !list[0].empty() &&
                          list[0][0].is_array();  // it was a list of lists as it stood
    if (is_whole) list = Json(list[0]);
    Guarantee guarantee = detail::affinity_from_json(list, class_names);
    guarantee.require_classes(classes);
    return guarantee;
  } catch (const Error& error) {
    throw FileError(message(path.string(), ": ", error.what()));
  }
}

}  // namespace gloro
