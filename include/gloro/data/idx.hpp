// IDX files (LeCun's format of MNIST): two zero bytes, the type (8: unsigned byte), the number of
// dimensions, the dimensions as big-endian 32-bit numbers, the data, and nothing after it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/data/dataset.hpp"

namespace gloro::data {

/// An array of unsigned bytes, last dimension fastest.
struct IdxArray {
  std::vector<Index> extents;
  std::vector<std::uint8_t> bytes;
};

/// Reads an IDX file of `dimensions` dimensions, plain or gzip. FileError if it is anything else,
/// truncated, or longer than it says.
[[nodiscard]] IdxArray read_idx(const std::filesystem::path& path, int dimensions);

/// Images (n x height x width) with their labels (n, each below `classes`).
[[nodiscard]] Dataset idx_images(std::string name, const std::filesystem::path& images_path,
                                 const std::filesystem::path& labels_path, int classes);

/// The first that exists of STEM-KIND, STEM.KIND and both with .gz (MNIST travels under all four).
/// FileError where none does, or that cannot be told.
[[nodiscard]] std::filesystem::path idx_path(const std::filesystem::path& directory,
                                             const std::string& stem, const std::string& kind);

/// The four files of MNIST, or of a set that copies its form, from one directory.
[[nodiscard]] Split idx_split(const std::string& name, const std::filesystem::path& directory,
                              int classes = 10);

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/idx.ipp"
#endif
