// Checksum: FNV-1a (Fowler, Noll and Vo) eight bytes at a time, with a shift so that high bits reach
// low ones: finds damage and tells files and options apart, keeps nobody out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gloro {

class Checksum {
 public:
  /// Bytes may come in any pieces: the sum is that of all of them in one.
  void add(const void* data, std::size_t bytes) {
    const auto* at = static_cast<const unsigned char*>(data);
    for (; bytes > 0 && filled_ > 0; --bytes) add_byte(*at++);
    for (; bytes >= 8; bytes -= 8, at += 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      mix(word);
    }
    for (; bytes > 0; --bytes) add_byte(*at++);
  }
  [[nodiscard]] std::uint64_t value() const {
    Checksum whole = *this;
    for (std::size_t i = 0; i < filled_; ++i) whole.mix(word_[i]);
    return whole.hash_;
  }

 private:
  void add_byte(unsigned char byte) {
    word_[filled_++] = byte;
    if (filled_ < 8) return;
    std::uint64_t word;
    std::memcpy(&word, word_, 8);
    mix(word);
    filled_ = 0;
  }
  void mix(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x100000001b3U;
    hash_ ^= hash_ >> 29;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  unsigned char word_[8] = {};  // bytes that do not fill a word yet
  std::size_t filled_ = 0;
};

}  // namespace gloro
