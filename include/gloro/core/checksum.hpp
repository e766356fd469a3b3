// Checksum: FNV-1a (Fowler, Noll and Vo) eight bytes at a time, with a shift so that high bits reach
// low ones: finds damage and tells files and options apart, keeps nobody out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gloro {

class Checksum {
 public:
  void add(const void* data, std::size_t bytes) {
    const auto* at = static_cast<const unsigned char*>(data);
    for (; bytes >= 8; bytes -= 8, at += 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      mix(word);
    }
    for (; bytes > 0; --bytes, ++at) mix(*at);
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  void mix(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x100000001b3U;
    hash_ ^= hash_ >> 29;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

}  // namespace gloro
