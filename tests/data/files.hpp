// Files for the tests of loaders: a directory that goes away, bytes written to it, headers, gzip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#if defined(GLORO_WITH_ZLIB) && GLORO_WITH_ZLIB
#include <zlib.h>
#endif

#include "temporary_directory.hpp"

namespace files {

using Bytes = std::vector<std::uint8_t>;

using ::TemporaryDirectory;

inline void write(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

inline Bytes operator+(Bytes front, const Bytes& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

inline Bytes text(const std::string& characters) { return {characters.begin(), characters.end()}; }

/// The header of an IDX file of unsigned bytes.
inline Bytes idx_header(std::initializer_list<std::uint32_t> extents) {
  Bytes header{0, 0, 8, static_cast<std::uint8_t>(extents.size())};
  for (const std::uint32_t extent : extents)
    for (int shift = 24; shift >= 0; shift -= 8)
      header.push_back(static_cast<std::uint8_t>(extent >> shift));
  return header;
}

#if defined(GLORO_WITH_ZLIB) && GLORO_WITH_ZLIB
inline Bytes gzipped(const Bytes& plain) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot start");
  Bytes packed(deflateBound(&stream, static_cast<uLong>(plain.size())));
  Bytes input = plain;
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}
#endif

}  // namespace files
