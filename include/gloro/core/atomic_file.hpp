// Writing a file so that a crash at any moment leaves either the old file or the new one: everything
// goes to a temporary file beside it, is flushed to the disk, and takes the old one's place by a rename.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <utility>

#include "gloro/core/error.hpp"

#if __has_include(<unistd.h>) && __has_include(<fcntl.h>)
#include <fcntl.h>
#include <unistd.h>
#define GLORO_HAS_FSYNC 1
#else
#define GLORO_HAS_FSYNC 0
#endif

namespace gloro {

/// A file under construction. Until commit() the path is untouched; without it nothing is left.
class AtomicFile {
 public:
  /// Throws FileError if the directory cannot be written to.
  explicit AtomicFile(std::filesystem::path path)
      : path_(std::move(path)), temporary_(path_) {
    temporary_ += ".part" + std::to_string(std::random_device{}());
    file_ = std::fopen(temporary_.string().c_str(), "wbx");
    if (!file_) fail("cannot be written");
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() {
    if (file_) discard();
  }

  void write(const void* data, std::size_t bytes) {
    if (bytes != 0 && std::fwrite(data, 1, bytes, file_) != bytes) fail("could not be written");
  }

  /// Flushes to the disk and replaces the file at the path.
  void commit() {
    if (std::fflush(file_) != 0) fail("could not be written");
#if GLORO_HAS_FSYNC
    if (::fsync(::fileno(file_)) != 0) fail("could not be flushed");
#endif
    if (std::fclose(std::exchange(file_, nullptr)) != 0) fail("could not be closed");
    std::error_code error;
    std::filesystem::rename(temporary_, path_, error);
    if (error) fail("could not be put in place");
    flush_directory();
  }

 private:
  [[noreturn]] void fail(const char* what) {
    const int reason = errno;
    discard();
    throw FileError(message(path_.string(), ": ", what, " (", std::strerror(reason), ")"));
  }

  void discard() noexcept {
    if (file_) std::fclose(std::exchange(file_, nullptr));
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
  }

  /// The rename itself lies in the directory; a file system that cannot flush one is let be.
  void flush_directory() const {
#if GLORO_HAS_FSYNC
    const auto parent = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
    const int directory = ::open(parent.string().c_str(), O_RDONLY);
    if (directory < 0) return;
    (void)::fsync(directory);
    (void)::close(directory);
#endif
  }

  std::filesystem::path path_, temporary_;
  std::FILE* file_ = nullptr;
};

#undef GLORO_HAS_FSYNC

}  // namespace gloro
