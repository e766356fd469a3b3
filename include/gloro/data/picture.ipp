// The bodies of picture.hpp.
#pragma once

#include "gloro/data/picture.hpp"

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

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

}  // namespace gloro::data
