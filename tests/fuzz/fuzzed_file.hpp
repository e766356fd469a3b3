// FuzzedFile: a file in memory with the bytes that the fuzzer made up, under a path that any reader
// can open. Linux keeps it (memfd_create): nothing is left on a disk, even after a crash.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace gloro::fuzz {

class FuzzedFile {
 public:
  explicit FuzzedFile(std::string_view bytes) : descriptor_(memfd_create("fuzzed", 0)) {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written <= 0) {  // no fault of the parser's: nothing can be tested
        std::perror("cannot keep a file in memory");
        std::_Exit(1);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  FuzzedFile(const FuzzedFile&) = delete;
  FuzzedFile& operator=(const FuzzedFile&) = delete;
  ~FuzzedFile() { close(descriptor_); }

  [[nodiscard]] std::filesystem::path path() const {
    return "/proc/self/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};

/// What the fuzzer passes, as text.
[[nodiscard]] inline std::string_view as_text(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Cuts off and returns the first `size` bytes, or all if there are fewer.
[[nodiscard]] inline std::string_view take(std::string_view& input, std::size_t size) {
  const std::string_view first = input.substr(0, size);
  input.remove_prefix(first.size());
  return first;
}

/// Cuts off and returns the first byte, as a number; 0 if there is none.
[[nodiscard]] inline unsigned take_byte(std::string_view& input) {
  const std::string_view first = take(input, 1);
  return first.empty() ? 0 : static_cast<unsigned char>(first.front());
}

/// Cuts off and returns what stands before the next `mark`, which goes too.
[[nodiscard]] inline std::string_view take_until(std::string_view& input, char mark) {
  const std::string_view first = take(input, input.find(mark));
  (void)take(input, 1);
  return first;
}

/// Stops the fuzzer, with the input, where `holds` is false.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not true: %s\n", what);
  std::abort();
}

}  // namespace gloro::fuzz
