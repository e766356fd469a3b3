// OutputTarget: what a path that is to be written leads to: a new file, one that is there, or something
// that is written through, such as a device, a pipe, /dev/stdout and "-", the standard output.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "gloro/core/error.hpp"

namespace gloro::detail {

/// An open file of this process, closed with its holder.
class Descriptor {
 public:
  Descriptor() = default;
  /// Takes `number` over, moved past the standard ones: what a program prints after it was started
  /// with its output closed must not land in a file.
  explicit Descriptor(int number) : number_(number) {
    if (number_ < 0 || number_ > 2) return;
    const int moved = ::fcntl(number_, F_DUPFD_CLOEXEC, 3), error = errno;
    (void)::close(std::exchange(number_, moved));
    errno = error;
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) (void)::close(number_);
  }
  [[nodiscard]] explicit operator bool() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_ = -1;
};

/// Found by following links. Throws FileError where it cannot be a file that is written.
class OutputTarget {
 public:
  explicit OutputTarget(const std::filesystem::path& path) : path_(path), place_(path) {
    if (path_ == "-") {
      path_ = "standard output";
      descriptor_ = 1;
    } else {
      if (path_.empty()) throw FileError("a file to write has an empty name");
      if (!path_.has_filename()) refuse("names a folder, expected a file to write");
      follow_links();
    }
    look();
  }

  /// As it was given.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Where its links lead.
  [[nodiscard]] const std::filesystem::path& place() const { return place_; }
  [[nodiscard]] std::filesystem::path folder() const {
    return place_.has_parent_path() ? place_.parent_path() : std::filesystem::path(".");
  }
  /// An open file of this process that the path stands for; -1: none.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool exists() const { return exists_; }
  /// Of what exists().
  [[nodiscard]] const struct stat& about() const { return about_; }
  /// Whether bytes are passed on as they come: there is no file of this name to take the place of.
  [[nodiscard]] bool is_stream() const {
    return descriptor_ >= 0 || (exists_ && !S_ISREG(about_.st_mode));
  }

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... what) const {
    throw FileError(message(path_.string(), ": ", what...));
  }

 private:
  void follow_links() {
    constexpr int most = 40;  // the kernel's own limit
    for (int hop = 0; hop < most; ++hop) {
      std::error_code ignored;
      descriptor_ = own_descriptor();
      if (descriptor_ >= 0) return;
      if (!std::filesystem::is_symlink(std::filesystem::symlink_status(place_, ignored))) return;
      const auto link = std::filesystem::read_symlink(place_, ignored);
      place_ = link.is_absolute() ? link : place_.parent_path() / link;
    }
    refuse("is a link that leads to itself");
  }

  /// N where the place is /dev/fd/N: opened anew, a file would be written from its start.
  [[nodiscard]] int own_descriptor() const {
    const std::string name = place_.filename().string();
    if (name.empty() || name.size() > 9 ||
        name.find_first_not_of("0123456789") != std::string::npos)
      return -1;
    std::error_code missing;
    const auto folder = std::filesystem::canonical(this->folder(), missing);
    for (const char* const own : {"/proc/self/fd", "/dev/fd"})
      if (!missing && folder == std::filesystem::canonical(own, missing)) return std::stoi(name);
    return -1;
  }

  void look() {
    if (descriptor_ >= 0) {
      const int mode = ::fcntl(descriptor_, F_GETFL);
      if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY || ::fstat(descriptor_, &about_) != 0)
        refuse("is not open for writing");
      exists_ = true;
      return;
    }
    exists_ = ::stat(place_.c_str(), &about_) == 0;
    if (!exists_ && errno != ENOENT) refuse("cannot be written (", reason(errno), ")");
    if (exists_ && S_ISDIR(about_.st_mode)) refuse("is a folder, expected a file to write");
    // Asked of the mode itself: the superuser may write what is marked as not to be written.
    if (exists_ && S_ISREG(about_.st_mode) && (about_.st_mode & 0222) == 0)
      refuse("is read-only, and is not replaced");
    std::error_code missing;
    if (!exists_ && !std::filesystem::is_directory(folder(), missing))
      refuse("cannot be written: there is no folder ", folder().string());
  }

  std::filesystem::path path_, place_;
  int descriptor_ = -1;
  bool exists_ = false;
  struct stat about_ {};
};

/// Whether both are one file, though they were given under two names.
[[nodiscard]] inline bool are_one_file(const OutputTarget& a, const OutputTarget& b) {
  if (a.exists() != b.exists()) return false;
  if (a.exists())
    return a.about().st_dev == b.about().st_dev && a.about().st_ino == b.about().st_ino;
  std::error_code ignored;
  return a.place().filename() == b.place().filename() &&
         std::filesystem::equivalent(a.folder(), b.folder(), ignored);
}

}  // namespace gloro::detail
