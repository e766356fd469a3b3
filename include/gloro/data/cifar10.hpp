// CIFAR-10 in its binary version (Krizhevsky, "Learning multiple layers of features from tiny
// images", 2009): records of a label byte and three planes (red, green, blue) of 32 x 32 bytes.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "gloro/core/shape.hpp"
#include "gloro/data/benchmark.hpp"
#include "gloro/data/dataset.hpp"

namespace gloro::data {

/// Reads files of `records` images each, one after another, into one data set; planes become
/// interleaved channels. FileError if a file is longer or shorter, or a label exceeds 9.
[[nodiscard]] Dataset cifar10_batches(std::string name,
                                      std::span<const std::filesystem::path> paths,
                                      Index records = 10000);

/// From the directory of data_batch_1.bin ... data_batch_5.bin and test_batch.bin, of `records` images each.
[[nodiscard]] Split cifar10_split(const std::filesystem::path& directory, Index records = 10000);

namespace detail {

[[nodiscard]] Split read_cifar10(const std::filesystem::path& directory);

inline constexpr std::array<std::string_view, 10> cifar10_classes{
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
inline constexpr std::array cifar10_radii{36.0 / 255, 72.0 / 255, 108.0 / 255, 1.0};

}  // namespace detail

/// 32x32x3, ten classes. `scripts/fetch-data cifar-10 DIR` gets it.
inline constexpr Benchmark cifar10{.name = "cifar-10",
                                   .read = detail::read_cifar10,
                                   .classes = detail::cifar10_classes,
                                   .radii = detail::cifar10_radii};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/cifar10.ipp"
#endif
