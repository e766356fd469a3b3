// The bodies of input_file.hpp.
#pragma once

#include "gloro/core/input_file.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include "gloro/core/compiled.hpp"

namespace gloro {

namespace detail {

/// What is at `path`, links followed, or that nothing is; throws FileError where that cannot be told.
[[nodiscard]] inline std::filesystem::file_status status_of(const std::filesystem::path& path) {
  std::error_code problem;
  const auto status = std::filesystem::status(path, problem);
  const bool is_missing = status.type() == std::filesystem::file_type::not_found &&
                          (!problem || problem == std::errc::no_such_file_or_directory);
  if (problem && !is_missing)
    throw FileError(message(path.string(), ": cannot be opened (", problem.message(), ")"));
  return status;
}

}  // namespace detail

GLORO_INLINE bool is_there(const std::filesystem::path& path) {
  return std::filesystem::exists(detail::status_of(path));
}

GLORO_INLINE void require_regular_file(const std::filesystem::path& path) {
  const auto status = detail::status_of(path);
  const auto fail = [&](const char* what) { throw FileError(message(path.string(), ": ", what)); };
  if (!std::filesystem::exists(status)) fail("no such file");
  if (std::filesystem::is_directory(status)) fail("is a folder, expected a file");
  if (!std::filesystem::is_regular_file(status)) fail("not a regular file");
}

GLORO_INLINE std::ifstream open_to_read(const std::filesystem::path& path) {
  require_regular_file(path);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw FileError(message(path.string(), ": cannot be opened (", detail::reason(errno), ")"));
  return file;
}

GLORO_INLINE std::uintmax_t size_of_file(const std::filesystem::path& path) {
  std::error_code problem;
  const std::uintmax_t bytes = std::filesystem::file_size(path, problem);
  if (problem)
    throw FileError(message(path.string(), ": its size cannot be told (", problem.message(), ")"));
  return bytes;
}

}  // namespace gloro
