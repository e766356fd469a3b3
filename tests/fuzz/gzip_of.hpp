// gzip_of: packs what the fuzzer made up, so that hostile content stands behind right checksums.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

#include "fuzzed_file.hpp"

namespace gloro::fuzz {

/// One gzip member that unpacks to `plain`.
[[nodiscard]] inline std::string gzip_of(std::string_view plain) {
  std::string text(plain);
  std::string packed(text.size() + text.size() / 8 + 64, '\0');
  z_stream stream{};
  require(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflate");
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "the packed text has room");
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace gloro::fuzz
