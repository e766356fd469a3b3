// The bodies of picture.hpp.
#pragma once

#include "gloro/data/picture.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/data/pgm.hpp"
#if defined(GLORO_WITH_PNG) && GLORO_WITH_PNG
#include "gloro/data/png.hpp"
#endif
#if defined(GLORO_WITH_JPEG) && GLORO_WITH_JPEG
#include "gloro/data/jpeg.hpp"
#endif

namespace gloro::data {

GLORO_INLINE Picture Picture::with_channels(Index channels) const {
  if (channels == shape.channels) return *this;
  if (shape.channels != 1 || channels != 3)
    throw ArgumentError(
        message("a picture of ", shape.channels, " channels cannot become one of ", channels));
  Picture colour{{shape.height, shape.width, 3}, {}};
  colour.bytes.reserve(3 * bytes.size());
  for (const std::uint8_t grey : bytes) colour.bytes.insert(colour.bytes.end(), 3, grey);
  return colour;
}

GLORO_INLINE Picture read_picture(const std::filesystem::path& path) {
  std::array<char, 2> start{};
  open_to_read(path).read(start.data(), start.size());
  const std::string first(start.data(), start.size());
  if (first == "\x89P") {
#if defined(GLORO_WITH_PNG) && GLORO_WITH_PNG
    return read_png(path);
#else
    throw FileError(
        message(path.string(), ": is a PNG, and this program was built without libpng"));
#endif
  }
  if (first == "\xff\xd8") {
#if defined(GLORO_WITH_JPEG) && GLORO_WITH_JPEG
    return read_jpeg(path);
#else
    throw FileError(
        message(path.string(), ": is a JPEG, and this program was built without libjpeg"));
#endif
  }
  if (first[0] != 'P' && first != "\x1f\x8b")
    throw FileError(message(path.string(), ": is no picture: expected PNG, JPEG or PGM"));
  const Dataset image = pgm_image(path);
  const std::span<const std::uint8_t> bytes = image.pixels().bytes();
  if (bytes.empty())
    throw FileError(message(path.string(), ": white is not 255: expected a byte a value"));
  return {image.shape(), {bytes.begin(), bytes.end()}};
}

}  // namespace gloro::data
