// Files of one picture: PGM is read by itself, PNG by the component gloro::png, JPEG by gloro::jpeg.
#pragma once

#include <filesystem>

#include "gloro/data/picture.hpp"

namespace gloro::data {

/// Reads a PNG, JPEG or binary PGM file, told apart by their first bytes. FileError, which names the
/// file, where it is anything else, damaged, of more than 8 bits a value, transparent, or of a kind that
/// this program was built without.
[[nodiscard]] Picture read_picture(const std::filesystem::path& path);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/picture_file.ipp"
#endif
