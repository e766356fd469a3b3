// Opening a file to read: the one place that says why it cannot be done, so that a file that is locked,
// a folder or a loop of links is never reported as missing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <new>
#include <stdexcept>

#include "gloro/core/error.hpp"

namespace gloro {

/// Whether there is a file or a folder at `path`. Throws FileError where that cannot be told, in a
/// folder that may not be looked into, say.
[[nodiscard]] bool is_there(const std::filesystem::path& path);

/// Throws FileError unless a file with bytes of its own lies at `path`: no folder, no device, no pipe.
void require_regular_file(const std::filesystem::path& path);

/// Opens the regular file at `path`, as bytes. Throws FileError that says what is wrong.
[[nodiscard]] std::ifstream open_to_read(const std::filesystem::path& path);

/// The bytes in the file at `path`. Throws FileError where that cannot be told.
[[nodiscard]] std::uintmax_t size_of_file(const std::filesystem::path& path);

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

#ifndef GLORO_COMPILED
#include "gloro/core/input_file.ipp"
#endif
