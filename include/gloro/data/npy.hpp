// NumPy's .npy files: a user's own images as an array, samples first: N x H x W x C, N x C x H x W,
// N x H x W (one channel) or N x D (flat); and their labels, N whole numbers. Either byte order, C or
// Fortran order, plain or gzip.
#pragma once

#include <filesystem>
#include <vector>

#include "gloro/data/dataset.hpp"

namespace gloro::data {

/// Where the channels stand in an array of four dimensions, N x H x W x C or N x C x H x W. A Dataset
/// has them last.
enum class Channels { last, first };

/// Reads images without labels. uint8 values stand for value / 255; floating-point values (of 16, 32 or
/// 64 bits) are the network's own unit ([0, 1] for networks trained here) and are kept as they are.
/// FileError where the file is damaged, of another type, or not finite.
[[nodiscard]] Dataset npy_images(const std::filesystem::path& path,
                                 Channels channels = Channels::last);

/// Reads labels: one dimension, of any integer type, each from 0 to 2^30 - 1. FileError where it is
/// anything else.
[[nodiscard]] std::vector<int> npy_labels(const std::filesystem::path& path);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/npy.ipp"
#endif
