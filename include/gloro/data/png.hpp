// PNG: one image, by libpng: the component gloro::png.
#pragma once

#include <filesystem>

#include "gloro/data/picture.hpp"

namespace gloro::data {

/// Decodes a PNG file to its bytes, grey or RGB; palettes and fewer bits are spread out, and no gamma is
/// applied. Throws FileError, which names the file, if it is missing, damaged, of 16 bits a value, or
/// transparent.
[[nodiscard]] Picture read_png(const std::filesystem::path& path);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/png.ipp"
#endif
