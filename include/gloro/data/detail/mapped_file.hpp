// MappedFile: a file's bytes as if they were in memory; the system reads a page when it is touched and
// may drop it again. Where there is no mmap the file is read whole.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"

#if __has_include(<sys/mman.h>) && __has_include(<sys/stat.h>)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define GLORO_HAS_MMAP 1
#else
#define GLORO_HAS_MMAP 0
#endif

namespace gloro::data {

/// Read only. The file must not be cut short while it is mapped: touching what is gone ends the
/// program, as with every mapping.
class MappedFile {
 public:
  /// Throws FileError if it cannot be opened or mapped.
  explicit MappedFile(const std::filesystem::path& path) {
    require_regular_file(path);
#if GLORO_HAS_MMAP
    const auto fail = [&](const char* what) {
      throw FileError(message(path.string(), ": ", what, " (", gloro::detail::reason(errno), ")"));
    };
    const int file = ::open(path.string().c_str(), O_RDONLY);
    if (file < 0) fail("cannot be opened");
    struct stat about {};
    const bool is_known = ::fstat(file, &about) == 0;
    size_ = is_known ? static_cast<std::size_t>(about.st_size) : 0;
    void* const at = size_ > 0 ? ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0) : nullptr;
    const int reason = errno;
    (void)::close(file);
    errno = reason;
    if (!is_known || at == MAP_FAILED) fail("cannot be mapped");
    data_ = static_cast<const std::uint8_t*>(at);
#else
    std::ifstream in = open_to_read(path);
    read_.resize(static_cast<std::size_t>(size_of_file(path)));
    if (!in.read(reinterpret_cast<char*>(read_.data()), static_cast<std::streamsize>(read_.size())))
      throw FileError(message(path.string(), ": cannot be read"));
    data_ = read_.data();
    size_ = read_.size();
#endif
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() {
#if GLORO_HAS_MMAP
    if (data_) (void)::munmap(const_cast<std::uint8_t*>(data_), size_);
#endif
  }

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::vector<std::uint8_t> read_;
};

#undef GLORO_HAS_MMAP

}  // namespace gloro::data
