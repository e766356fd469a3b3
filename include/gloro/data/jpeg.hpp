// JPEG: one compressed image as RGB bytes, by libjpeg: the component gloro::jpeg.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/data/picture.hpp"

namespace gloro::data {

/// Decodes a JPEG file of `height` x `width` pixels, in colour or grey, to RGB bytes, channels
/// fastest. Throws FileError, which names the file, if it is missing, of another size, damaged in
/// any way that libjpeg notices, or in colours that are not to be had as RGB.
[[nodiscard]] std::vector<std::uint8_t> read_jpeg(const std::filesystem::path& path, Index height,
                                                  Index width);

/// The same for a picture of any size, which stays grey if it is.
[[nodiscard]] Picture read_jpeg(const std::filesystem::path& path);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/jpeg.ipp"
#endif
