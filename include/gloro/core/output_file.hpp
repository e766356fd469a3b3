// OutputFile: the one way in which this library and its programs write a file. A crash, a full disk or
// an error at any moment leaves the old file or the new one: everything goes to a file beside it, is
// flushed to the disk, and takes the old one's place by a rename, with its owner and mode.
//
// Links are followed. What is no plain file (a device, a pipe, "-" for the standard output) is written
// through. A file that another cannot take the place of, because it has a second name (a hard link),
// because a container mounts it, or because its folder or owner is not ours, is overwritten in place
// once the new bytes are complete: growth first, so that a full disk leaves the old bytes as they were.
#pragma once

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"

namespace gloro {

namespace detail {
class OutputState;
}

/// A file that will be written. To make one tries whether that can be done, and leaves nothing behind:
/// programs make theirs before the work begins. Functions that write a file take one by value, and so
/// take a path. Until commit() the path is untouched; without it nothing is left.
class OutputFile {
 public:
  /// Throws FileError where it cannot be written: a folder, a place in a folder that is not there, a
  /// file marked as read-only, a name that ends in '/'. A pipe that nobody reads yet is waited for.
  template <std::convertible_to<std::filesystem::path> Path>
  OutputFile(const Path& path) : OutputFile(Given(), path) {}
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  /// As it was given; "standard output" for "-".
  [[nodiscard]] const std::filesystem::path& path() const;
  /// Whether bytes are passed on as they come (a device, a pipe): nothing is kept to be read again.
  [[nodiscard]] bool is_stream() const;
  /// Whether it is where std::cout goes, so that what is meant for people should go elsewhere.
  [[nodiscard]] bool is_standard_output() const;

  void write(const void* data, std::size_t bytes);
  void write(const std::string& text) { write(text.data(), text.size()); }

  /// Flushes to the disk and puts the file in place. What is written after it is added at the end, by
  /// the next commit(), or not at all: a log grows so.
  void commit();

 private:
  struct Given {};

  OutputFile(Given, const std::filesystem::path& path);

  std::unique_ptr<detail::OutputState> state_;

  friend void require_apart(const std::vector<const OutputFile*>&,
                            const std::vector<std::filesystem::path>&);
};

/// Throws ArgumentError where two outputs lead to the same file, or one to a file that is read. What
/// swallows everything (/dev/null) or shows it (a terminal) may be named twice.
void require_apart(const std::vector<const OutputFile*>& outputs,
                   const std::vector<std::filesystem::path>& inputs = {});

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/core/output_file.ipp"
#endif
