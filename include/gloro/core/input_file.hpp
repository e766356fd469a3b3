// Opening a file to read: the one place that says why it cannot be done, so that a file that is locked,
// a folder or a loop of links is never reported as missing.
#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "gloro/core/error.hpp"

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

/// Whether there is a file or a folder at `path`. Throws FileError where that cannot be told, in a
/// folder that may not be looked into, say.
[[nodiscard]] inline bool is_there(const std::filesystem::path& path) {
  return std::filesystem::exists(detail::status_of(path));
}

/// Throws FileError unless a file with bytes of its own lies at `path`: no folder, no device, no pipe.
inline void require_regular_file(const std::filesystem::path& path) {
  const auto status = detail::status_of(path);
  const auto fail = [&](const char* what) { throw FileError(message(path.string(), ": ", what)); };
  if (!std::filesystem::exists(status)) fail("no such file");
  if (std::filesystem::is_directory(status)) fail("is a folder, expected a file");
  if (!std::filesystem::is_regular_file(status)) fail("not a regular file");
}

/// Opens the regular file at `path`, as bytes. Throws FileError that says what is wrong.
[[nodiscard]] inline std::ifstream open_to_read(const std::filesystem::path& path) {
  require_regular_file(path);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw FileError(message(path.string(), ": cannot be opened (", detail::reason(errno), ")"));
  return file;
}

/// The bytes in the file at `path`. Throws FileError where that cannot be told.
[[nodiscard]] inline std::uintmax_t size_of_file(const std::filesystem::path& path) {
  std::error_code problem;
  const std::uintmax_t bytes = std::filesystem::file_size(path, problem);
  if (problem)
    throw FileError(message(path.string(), ": its size cannot be told (", problem.message(), ")"));
  return bytes;
}

/// What `read` makes of the file at `path`. Where memory does not suffice for it: FileError, which names
/// the file as std::bad_alloc does not.
template <typename Read>
auto within_memory(const std::filesystem::path& path, const Read& read) {
  const char* const defect = ": does not fit into memory";
  try {
    return read();
  } catch (const std::bad_alloc&) {
    throw FileError(path.string() + defect);
  } catch (const std::length_error&) {  // of a std::vector beyond all memory
    throw FileError(path.string() + defect);
  }
}

}  // namespace gloro
