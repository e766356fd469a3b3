// Gunzip: unpacks a .gz stream (RFC 1952) piece by piece through zlib, checksums included.
// The one header that needs zlib: empty unless the build found it and defined GLORO_WITH_ZLIB as 1.
#pragma once

#if defined(GLORO_WITH_ZLIB) && GLORO_WITH_ZLIB && __has_include(<zlib.h>)
#define GLORO_HAS_GUNZIP 1

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "gloro/core/error.hpp"

namespace gloro::data {

class Gunzip {
 public:
  /// Fills a part of the span with packed bytes and says how many; 0 at the end.
  using Source = std::function<std::size_t(std::span<std::uint8_t>)>;

  Gunzip(std::string path, Source source) : path_(std::move(path)), source_(std::move(source)) {
    constexpr int largest_window = 15;
    constexpr int gzip_only = 16;
    if (inflateInit2(&stream_, largest_window + gzip_only) != Z_OK)
      throw Error("zlib cannot start");
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() { inflateEnd(&stream_); }

  /// Unpacks up to to.size() bytes and says how many; fewer only at the end. FileError if damaged.
  std::size_t read(std::span<std::uint8_t> to) {
    std::size_t filled = 0;
    while (filled < to.size() && !ended_) {
      const auto room = std::min<std::size_t>(to.size() - filled, std::size_t{1} << 30);
      stream_.next_out = to.data() + filled;
      stream_.avail_out = static_cast<uInt>(room);
      step();
      filled += room - stream_.avail_out;
    }
    return filled;
  }

 private:
  void step() {
    if (stream_.avail_in == 0) {
      stream_.next_in = packed_.data();
      stream_.avail_in = static_cast<uInt>(source_(packed_));
      if (stream_.avail_in == 0) {
        if (!between_members_) throw FileError(message(path_, ": truncated gzip data"));
        ended_ = true;
        return;
      }
    }
    if (between_members_ && *stream_.next_in == 0) is_padding_ = true;
    if (is_padding_) {  // zeros to a whole block of a tape or a disk: gzip takes them too
      if (std::any_of(stream_.next_in, stream_.next_in + stream_.avail_in,
                      [](Bytef byte) { return byte != 0; }))
        throw FileError(message(path_, ": damaged gzip data (zeros end it, and more follows)"));
      stream_.avail_in = 0;
      return;
    }
    between_members_ = false;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {  // more may follow: a .gz file is one or more members
      inflateReset(&stream_);
      between_members_ = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      throw FileError(message(path_, ": damaged gzip data",
                              stream_.msg ? message(" (", stream_.msg, ")") : std::string()));
    }
  }

  std::string path_;
  Source source_;
  std::array<std::uint8_t, 1 << 15> packed_{};
  z_stream stream_{};
  bool between_members_ = false;
  bool is_padding_ = false;
  bool ended_ = false;
};

}  // namespace gloro::data
#endif
