// OutputState: what an OutputFile has where there is POSIX, a target (output_target.hpp), the stage beside
// it (output_stage.hpp) and the bytes on their way.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/detail/output_stage.hpp"
#include "gloro/core/detail/output_target.hpp"
#include "gloro/core/error.hpp"

namespace gloro::detail {

class OutputState {
 public:
  explicit OutputState(const std::filesystem::path& path) : target_(path) {
    if (target_.is_stream())
      file_ =
          Descriptor(target_.descriptor() >= 0 ? ::fcntl(target_.descriptor(), F_DUPFD_CLOEXEC, 3)
                                               : ::open(place(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (target_.exists() && !file_ && !Descriptor(::open(place(), O_WRONLY | O_CLOEXEC)))
      fail("cannot be opened");
    if (!target_.is_stream()) (void)OutputStage(target_);
  }
  OutputState(const OutputState&) = delete;
  OutputState& operator=(const OutputState&) = delete;
  ~OutputState() { discard(); }

  [[nodiscard]] const std::filesystem::path& path() const { return target_.path(); }
  [[nodiscard]] bool is_stream() const { return target_.is_stream(); }
  [[nodiscard]] bool is_standard_output() const { return target_.descriptor() == 1; }

  void write(const void* data, std::size_t bytes) {
    if (bytes != 0) buffer_.append(static_cast<const char*>(data), bytes);
    if (buffer_.size() >= most_held) flush();
  }

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

  static void require_apart(const std::vector<const OutputState*>& outputs,
                            const std::vector<std::filesystem::path>& inputs) {
    const auto is_sink = [](const OutputState& output) {
      return output.target_.exists() && S_ISCHR(output.target_.about().st_mode);
    };
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const OutputState& output = *outputs[i];
      for (std::size_t j = 0; j < i; ++j)
        if (!is_sink(output) && are_one_file(output.target_, outputs[j]->target_))
          throw ArgumentError(message(output.path().string(), ": is the same file as ",
                                      outputs[j]->path().string(), ", and both would be written"));
      for (const auto& input : inputs) {
        struct stat about {};
        if (!is_sink(output) && output.target_.exists() && ::stat(input.c_str(), &about) == 0 &&
            about.st_dev == output.target_.about().st_dev &&
            about.st_ino == output.target_.about().st_ino)
          throw ArgumentError(message(output.path().string(), ": would be written, and is read as ",
                                      input.string()));
      }
    }
  }

 private:
  static constexpr std::size_t most_held = 1 << 16;

  [[nodiscard]] const char* place() const { return target_.place().c_str(); }

  /// Discards what is not committed, and says why.
  [[noreturn]] void fail(const char* what) {
    const int number = errno;
    discard();
    target_.refuse(what, " (", reason(number), ")");
  }

  void discard() noexcept {
    buffer_.clear();
    stage_ = {};
    if (file_ && !is_stream() && ::lseek(file_.number(), 0, SEEK_CUR) > committed_)
      (void)!::ftruncate(file_.number(), committed_);
  }

  void flush() {
    if (!file_ && !stage_) {
      target_ = OutputTarget(path());  // what has become of it since it was tried
      if (is_stream()) target_.refuse("was a file, and is none any more");
      stage_ = OutputStage(target_);
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
    Descriptor to(::open(place(), O_WRONLY | O_CLOEXEC));
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
    const Descriptor folder(::open(target_.folder().c_str(), O_RDONLY | O_CLOEXEC));
    if (folder) (void)::fsync(folder.number());
  }

  OutputTarget target_;
  OutputStage stage_;  // from the first byte to the first commit()
  Descriptor file_;    // a stream from the beginning, a file from then on
  std::string buffer_;
  off_t committed_ = 0;  // bytes that are there to stay
};

}  // namespace gloro::detail
