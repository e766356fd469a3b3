// OutputStage: the file in which an output grows before it takes its target's place. It lies beside the
// target under a fixed name and is locked, so that the next writer knows what a killed program has
// left, by its free lock, and removes it.
#pragma once

#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "gloro/core/detail/output_target.hpp"

namespace gloro::detail {

class OutputStage {
 public:
  OutputStage() = default;
  /// With the owner and mode of the file that is there, or those of a new file. Where the folder is
  /// not ours to write it is a file without a name, elsewhere. Throws FileError if there is none.
  explicit OutputStage(const OutputTarget& target) {
    std::string name = target.place().filename().string();
    name.resize(std::min<std::size_t>(name.size(), 200));  // systems allow 255 bytes
    for (int number = 0; number < most_writers; ++number) {
      const auto path =
          target.folder() / (name + ".gloro-part" + (number > 0 ? std::to_string(number) : ""));
      remove_abandoned(path);
      Descriptor made(
          ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
      if (!made && errno == EEXIST) continue;  // another writer's
      if (!made) {
        open_elsewhere(target);
        return;
      }
      const bool is_free = ::flock(made.number(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
      if (!is_free || !is_named(made, path)) continue;  // another writer took it for abandoned
      path_ = path;
      file_ = std::move(made);
      can_take_over_ = !target.exists() || takes_over_owner(target.about());
      if (!can_take_over_)
        (void)::fchmod(file_.number(), 0600);  // what it holds is perhaps private
      return;
    }
    target.refuse("cannot be written beside ", most_writers, " other writers of it");
  }
  OutputStage(OutputStage&& other) noexcept
      : path_(std::exchange(other.path_, {})),
        file_(std::move(other.file_)),
        can_take_over_(other.can_take_over_) {}
  OutputStage& operator=(OutputStage&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    std::swap(can_take_over_, other.can_take_over_);
    return *this;
  }
  ~OutputStage() {
    if (!path_.empty()) (void)::unlink(path_.c_str());
  }

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(file_); }
  [[nodiscard]] int number() const { return file_.number(); }

  /// Puts it in the target's place; false where the system or the target's owner does not allow that.
  [[nodiscard]] bool take_place_of(const OutputTarget& target) {
    if (!can_take_over_ || ::rename(path_.c_str(), target.place().c_str()) != 0) return false;
    path_.clear();
    (void)::flock(file_.number(), LOCK_UN);
    return true;
  }

  /// The open file, once it is in place.
  [[nodiscard]] Descriptor release() { return std::move(file_); }

 private:
  static constexpr int most_writers = 100;  // of one path at a time

  static void remove_abandoned(const std::filesystem::path& path) {
    const Descriptor left(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat about {};
    if (left && ::fstat(left.number(), &about) == 0 && S_ISREG(about.st_mode) &&
        about.st_uid == ::geteuid() && ::flock(left.number(), LOCK_EX | LOCK_NB) == 0 &&
        is_named(left, path))
      (void)::unlink(path.c_str());
  }

  [[nodiscard]] static bool is_named(const Descriptor& file, const std::filesystem::path& path) {
    struct stat held {
    }, named{};
    return ::fstat(file.number(), &held) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
  }

  void open_elsewhere(const OutputTarget& target) {
    const int number = errno;
    std::FILE* const unnamed = target.exists() ? std::tmpfile() : nullptr;
    if (!unnamed) target.refuse("cannot be made in its folder (", reason(number), ")");
    file_ = Descriptor(::fcntl(::fileno(unnamed), F_DUPFD_CLOEXEC, 3));
    (void)std::fclose(unnamed);
  }

  [[nodiscard]] bool takes_over_owner(const struct stat& old) const {
    struct stat own {};
    return old.st_nlink == 1 && ::fstat(file_.number(), &own) == 0 &&
           ((own.st_uid == old.st_uid && own.st_gid == old.st_gid) ||
            ::fchown(file_.number(), old.st_uid, old.st_gid) == 0) &&
           ::fchmod(file_.number(), old.st_mode & 07777) == 0;
  }

  std::filesystem::path path_;
  Descriptor file_;
  bool can_take_over_ = false;
};

}  // namespace gloro::detail
