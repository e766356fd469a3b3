// The bodies of picture_file.hpp.
#pragma once

#include "gloro/data/picture_file.hpp"

#include <array>
#include <span>
#include <string>

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
