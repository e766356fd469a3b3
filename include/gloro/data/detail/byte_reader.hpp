// ByteReader: the bytes of a data file in order, unpacked where the file is gzip, each defect
// reported as a FileError that begins with the path. What the formats' readers stand on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/data/detail/gzip.hpp"

namespace gloro::data {

class ByteReader {
 public:
  /// Opens a regular file; gzip is known by its first two bytes, whatever the name.
  explicit ByteReader(const std::filesystem::path& path)
      : path_(path.string()), file_(open_to_read(path)), capacity_(size_of_file(path)) {
    const int first = file_.get();
    const int second = file_.get();
    file_.clear();
    file_.seekg(0);
    if (first == 0x1f && second == 0x8b) open_gzip();
  }

  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Throws FileError unless the file can hold `bytes` more: its size for a plain file, and 1032
  /// times that (the most deflate can pack) for gzip. To be asked before memory is taken for them.
  void expect_room(std::uint64_t bytes) const {
    if (bytes > capacity_ - taken_)
      fail("truncated: ", bytes, " more bytes are expected, and ", packed() ? "at most " : "",
           capacity_ - taken_, " follow");
  }

  /// Fills `to`; FileError if the file ends before.
  void read(std::span<std::uint8_t> to) {
    const std::size_t got = read_some(to);
    taken_ += got;
    if (got < to.size()) fail("truncated after ", taken_, " bytes");
  }

  /// Throws FileError if anything is left.
  void expect_end() {
    std::uint8_t extra = 0;
    if (read_some({&extra, 1}) != 0) fail(taken_, " bytes are expected, and more follow");
  }

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... defect) const {
    throw FileError(message(path_, ": ", defect...));
  }

 private:
  std::size_t read_file(std::span<std::uint8_t> to) {
    file_.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
    if (file_.bad()) fail("cannot be read");
    return static_cast<std::size_t>(file_.gcount());
  }

#ifdef GLORO_HAS_GUNZIP
  void open_gzip() {
    constexpr std::uint64_t ratio = 1032;
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    capacity_ = capacity_ > most / ratio ? most : capacity_ * ratio;
    gunzip_ = std::make_unique<Gunzip>(
        path_, [this](std::span<std::uint8_t> to) { return read_file(to); });
  }
  [[nodiscard]] bool packed() const { return gunzip_ != nullptr; }
  std::size_t read_some(std::span<std::uint8_t> to) {
    return gunzip_ ? gunzip_->read(to) : read_file(to);
  }
  std::unique_ptr<Gunzip> gunzip_;
#else
  [[noreturn]] void open_gzip() const {
    fail("is gzip, and this program was built without zlib: unpack it first");
  }
  [[nodiscard]] bool packed() const { return false; }
  std::size_t read_some(std::span<std::uint8_t> to) { return read_file(to); }
#endif

  std::string path_;
  std::ifstream file_;
  std::uint64_t capacity_;   // bytes that can be in it, unpacked
  std::uint64_t taken_ = 0;  // bytes read so far
};

}  // namespace gloro::data
