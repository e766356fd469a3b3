// PGM: one grey picture, as simple as files of pictures get (netpbm): "P5", width, height and the value of
// white in decimal digits, apart by white space and comments from # to the end of a line, one more white
// space, then the pixels row by row, of two bytes each (the larger half first) where white is above 255.
#pragma once

#include <filesystem>

#include "gloro/data/dataset.hpp"

namespace gloro::data {

/// Reads a binary PGM picture, plain or gzip, as a data set of one image without a label. A pixel is the
/// float nearest to value / white. FileError where it is anything else, or damaged.
[[nodiscard]] Dataset pgm_image(const std::filesystem::path& path);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/pgm.ipp"
#endif
