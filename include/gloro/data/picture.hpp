// Picture: one image as a file of pictures holds it, grey or in colour, a byte a value. PGM is read by
// itself, PNG by the component gloro::png, JPEG by gloro::jpeg.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "gloro/core/shape.hpp"

namespace gloro::data {

struct Picture {
  Shape shape;                      ///< height x width x 1 (grey) or 3 (red, green, blue)
  std::vector<std::uint8_t> bytes;  ///< shape.size(), channels fastest

  /// The same picture with so many channels: grey becomes three equal ones. Throws ArgumentError for
  /// any other change.
  [[nodiscard]] Picture with_channels(Index channels) const;
};

/// Reads a PNG, JPEG or binary PGM file, told apart by their first bytes. FileError, which names the
/// file, where it is anything else, damaged, of more than 8 bits a value, transparent, or of a kind that
/// this program was built without.
[[nodiscard]] Picture read_picture(const std::filesystem::path& path);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/picture.ipp"
#endif
