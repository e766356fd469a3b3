// NumPy's .npy files: a user's own images as an array, samples first: N x H x W x C, N x H x W (one
// channel) or N x D (flat).
#pragma once

#include <filesystem>

#include "gloro/data/dataset.hpp"

namespace gloro::data {

/// Reads images without labels. uint8 values stand for value / 255; floating-point values are the
/// network's own unit ([0, 1] for networks trained here) and are kept as they are, float64 too.
/// FileError where the file is damaged, of another type, or not finite.
[[nodiscard]] Dataset npy_images(const std::filesystem::path& path);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/npy.ipp"
#endif
