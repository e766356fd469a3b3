// What a folder holds, in one order on every system.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"

namespace gloro::data::detail {

/// The names in a folder, sorted: systems list one in any order. Without what they hide in it: names that
/// begin with a dot, macOS's ._* among them, and the leftovers of Windows. FileError if it cannot be listed.
[[nodiscard]] inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  std::filesystem::directory_iterator entry(folder, problem), end;
  while (!problem && entry != end) {
    std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && name != "Thumbs.db" && name != "desktop.ini")
      names.push_back(std::move(name));
    entry.increment(problem);
  }
  if (problem)
    throw FileError(message(folder.string(), ": cannot be listed (", problem.message(), ")"));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace gloro::data::detail
