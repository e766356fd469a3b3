// How large a picture may be for the bytes that it comes from: a header may claim anything.
#pragma once

#include <cstddef>
#include <filesystem>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"

namespace gloro::data::detail {

/// Throws FileError where `bytes` cannot hold a picture of that shape, with `most` pixels in a byte at best.
inline void require_pixels(const std::filesystem::path& path, std::size_t bytes, const Shape& shape,
                           Index most) {
  if (checked_product(shape.height, shape.width) / most >= static_cast<Index>(bytes))
    throw FileError(message(path.string(), ": is damaged: ", shape.height, " x ", shape.width,
                            " pixels in a file of ", bytes, " bytes"));
}

}  // namespace gloro::data::detail
