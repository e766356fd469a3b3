// OutputFile: the one way in which this library and its programs write a file. A crash, a full disk or
// an error at any moment leaves the old file or the new one: everything goes to a file beside it, is
// flushed to the disk, and takes the old one's place by a rename, with its owner and mode.
//
// Links are followed. What is no plain file (a device, a pipe, "-" for the standard output) is written
// through. A file that another cannot take the place of, because it has a second name (a hard link),
// because a container mounts it, or because its folder or owner is not ours, is overwritten in place
// once the new bytes are complete: growth first, so that a full disk leaves the old bytes as they were.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/detail/output_file_without_posix.hpp"
#include "gloro/core/error.hpp"

#if __has_include(<sys/file.h>)
#include "gloro/core/detail/output_stage.hpp"
#include "gloro/core/detail/output_target.hpp"

namespace gloro {

/// A file that will be written. To make one tries whether that can be done, and leaves nothing behind:
/// programs make theirs before the work begins. Functions that write a file take one by value, and so
/// take a path. Until commit() the path is untouched; without it nothing is left.
class OutputFile {
 public:
  /// Throws FileError where it cannot be written: a folder, a place in a folder that is not there, a
  /// file marked as read-only, a name that ends in '/'. A pipe that nobody reads yet is waited for.
  template <std::convertible_to<std::filesystem::path> Path>
  OutputFile(const Path& path) : target_(path) {
    if (target_.is_stream())
      file_ = detail::Descriptor(target_.descriptor() >= 0
                                     ? ::fcntl(target_.descriptor(), F_DUPFD_CLOEXEC, 3)
                                     : ::open(place(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (target_.exists() && !file_ && !detail::Descriptor(::open(place(), O_WRONLY | O_CLOEXEC)))
      fail("cannot be opened");
    if (!target_.is_stream()) (void)detail::OutputStage(target_);
  }
  OutputFile(OutputFile&& other) noexcept
      : target_(std::move(other.target_)),
        stage_(std::move(other.stage_)),
        file_(std::move(other.file_)),
        buffer_(std::exchange(other.buffer_, {})),
        committed_(other.committed_) {}
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile() { discard(); }

  /// As it was given; "standard output" for "-".
  [[nodiscard]] const std::filesystem::path& path() const { return target_.path(); }
  /// Whether bytes are passed on as they come (a device, a pipe): nothing is kept to be read again.
  [[nodiscard]] bool is_stream() const { return target_.is_stream(); }
  /// Whether it is where std::cout goes, so that what is meant for people should go elsewhere.
  [[nodiscard]] bool is_standard_output() const { return target_.descriptor() == 1; }

  void write(const void* data, std::size_t bytes) {
    if (bytes != 0) buffer_.append(static_cast<const char*>(data), bytes);
    if (buffer_.size() >= most_held) flush();
  }
  void write(const std::string& text) { write(text.data(), text.size()); }

  /// Flushes to the disk and puts the file in place. What is written after it is added at the end, by
  /// the next commit(), or not at all: a log grows so.
  void commit() {
    flush();
    if (stage_) {
      if (::fsync(stage_.number()) != 0) fail("could not be flushed");
      if (stage_.take_place_of(target_)) {
        file_ = stage_.release();
        flush_folder();
      } else {
        overwrite();
      }
    } else {
      (void)::fsync(file_.number());  // a pipe has nothing to flush
    }
    committed_ = ::lseek(file_.number(), 0, SEEK_CUR);
  }

 private:
  static constexpr std::size_t most_held = 1 << 16;

  [[nodiscard]] const char* place() const { return target_.place().c_str(); }

  /// Discards what is not committed, and says why.
  [[noreturn]] void fail(const char* what) {
    const int number = errno;
    discard();
    target_.refuse(what, " (", detail::reason(number), ")");
  }

  void discard() noexcept {
    buffer_.clear();
    stage_ = {};
    if (file_ && !is_stream() && ::lseek(file_.number(), 0, SEEK_CUR) > committed_)
      (void)!::ftruncate(file_.number(), committed_);
  }

  void flush() {
    if (!file_ && !stage_) {
      target_ = detail::OutputTarget(path());  // what has become of it since it was tried
      if (is_stream()) target_.refuse("was a file, and is none any more");
      stage_ = detail::OutputStage(target_);
    }
    const int to = file_ ? file_.number() : stage_.number();
    for (std::size_t done = 0; done < buffer_.size();) {
      const ssize_t count = ::write(to, buffer_.data() + done, buffer_.size() - done);
      if (count < 0 && errno != EINTR) fail("could not be written");
      if (count > 0) done += static_cast<std::size_t>(count);
    }
    buffer_.clear();
  }

  /// Copies the stage into the file that is there. Growth alone needs room on the disk: where there is
  /// none, the old bytes are still whole.
  void overwrite() {
    detail::Descriptor to(::open(place(), O_WRONLY | O_CLOEXEC));
    struct stat old {};
    if (!to || ::fstat(to.number(), &old) != 0) fail("could not be put in place");
    const off_t size = ::lseek(stage_.number(), 0, SEEK_END), common = std::min(size, old.st_size);
    if (!copy(stage_.number(), to.number(), common, size) || ::fsync(to.number()) != 0) {
      const int number = errno;
      (void)!::ftruncate(to.number(), old.st_size);
      errno = number;
      fail("could not be written");
    }
    if (!copy(stage_.number(), to.number(), 0, common) || ::ftruncate(to.number(), size) != 0 ||
        ::fsync(to.number()) != 0 || ::lseek(to.number(), size, SEEK_SET) != size)
      fail("could not be overwritten");
    file_ = std::move(to);
    stage_ = {};
  }

  /// The bytes [at, end); false, with errno, where that fails.
  [[nodiscard]] static bool copy(int from, int to, off_t at, off_t end) {
    std::vector<char> piece(most_held);
    while (at < end) {
      const auto wanted = std::min(piece.size(), static_cast<std::size_t>(end - at));
      const ssize_t read = ::pread(from, piece.data(), wanted, at);
      if (read <= 0) return false;
      for (ssize_t done = 0; done < read;) {
        const ssize_t count =
            ::pwrite(to, piece.data() + done, static_cast<std::size_t>(read - done), at + done);
        if (count < 0) return false;
        done += count;
      }
      at += read;
    }
    return true;
  }

  /// The rename itself lies in the folder; a file system that cannot flush one is let be.
  void flush_folder() const {
    const detail::Descriptor folder(::open(target_.folder().c_str(), O_RDONLY | O_CLOEXEC));
    if (folder) (void)::fsync(folder.number());
  }

  detail::OutputTarget target_;
  detail::OutputStage stage_;  // from the first byte to the first commit()
  detail::Descriptor file_;    // a stream from the beginning, a file from then on
  std::string buffer_;
  off_t committed_ = 0;  // bytes that are there to stay

  friend void require_apart(const std::vector<const OutputFile*>&,
                            const std::vector<std::filesystem::path>&);
};

/// Throws ArgumentError where two outputs lead to the same file, or one to a file that is read. What
/// swallows everything (/dev/null) or shows it (a terminal) may be named twice.
inline void require_apart(const std::vector<const OutputFile*>& outputs,
                          const std::vector<std::filesystem::path>& inputs = {}) {
  const auto is_sink = [](const OutputFile& output) {
    return output.target_.exists() && S_ISCHR(output.target_.about().st_mode);
  };
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const OutputFile& output = *outputs[i];
    for (std::size_t j = 0; j < i; ++j)
      if (!is_sink(output) && detail::are_one_file(output.target_, outputs[j]->target_))
        throw ArgumentError(message(output.path().string(), ": is the same file as ",
                                    outputs[j]->path().string(), ", and both would be written"));
    for (const auto& input : inputs) {
      struct stat about {};
      if (!is_sink(output) && output.target_.exists() && ::stat(input.c_str(), &about) == 0 &&
          about.st_dev == output.target_.about().st_dev &&
          about.st_ino == output.target_.about().st_ino)
        throw ArgumentError(
            message(output.path().string(), ": would be written, and is read as ", input.string()));
    }
  }
}

}  // namespace gloro

#endif
