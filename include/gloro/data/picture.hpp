// Picture: one image, grey or in colour, a byte a value, as files of pictures hold it (picture_file.hpp).
#pragma once

#include <cstdint>
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

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/picture.ipp"
#endif
