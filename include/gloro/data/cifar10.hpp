// CIFAR-10 in its binary version (Krizhevsky, "Learning multiple layers of features from tiny
// images", 2009): records of a label byte and three planes (red, green, blue) of 32 x 32 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/benchmark.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/data/detail/byte_reader.hpp"

namespace gloro::data {

/// Reads files of `records` images each, one after another, into one data set; planes become
/// interleaved channels. FileError if a file is longer or shorter, or a label exceeds 9.
[[nodiscard]] inline Dataset cifar10_batches(std::string name,
                                             std::span<const std::filesystem::path> paths,
                                             Index records = 10000) {
  constexpr std::size_t pixels = std::size_t{32} * 32;
  constexpr int classes = 10;
  std::array<std::uint8_t, 1 + 3 * pixels> record{};
  std::vector<std::uint8_t> images;
  std::vector<int> labels;
  for (const auto& path : paths) {
    ByteReader file(path);
    file.expect_room(static_cast<std::uint64_t>(checked_product(records, record.size())));
    within_memory(path, [&] {
      images.reserve(static_cast<std::size_t>(records) * 3 * pixels * paths.size());
      labels.reserve(static_cast<std::size_t>(records) * paths.size());
    });
    for (Index n = 0; n < records; ++n) {
      file.read(record);
      if (record[0] >= classes)
        file.fail("label ", int{record[0]}, " of image ", n, " lies outside 0..", classes - 1);
      labels.push_back(record[0]);
      for (std::size_t p = 0; p < pixels; ++p)
        for (std::size_t channel = 0; channel < 3; ++channel)
          images.push_back(record[1 + channel * pixels + p]);
    }
    file.expect_end();
  }
  return Dataset(std::move(name), Shape{32, 32, 3}, std::move(images), std::move(labels), classes);
}

/// From the directory of data_batch_1.bin ... data_batch_5.bin and test_batch.bin, of `records` images each.
[[nodiscard]] inline Split cifar10_split(const std::filesystem::path& directory,
                                         Index records = 10000) {
  std::vector<std::filesystem::path> train;
  for (int i = 1; i <= 5; ++i) train.push_back(directory / message("data_batch_", i, ".bin"));
  const std::array test{directory / "test_batch.bin"};
  return {cifar10_batches("CIFAR-10 train", train, records),
          cifar10_batches("CIFAR-10 test", test, records)};
}

namespace detail {

[[nodiscard]] inline Split read_cifar10(const std::filesystem::path& directory) {
  return cifar10_split(directory);
}

inline constexpr std::array<std::string_view, 10> cifar10_classes{
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
inline constexpr std::array cifar10_radii{36.0 / 255, 72.0 / 255, 108.0 / 255, 1.0};

}  // namespace detail

/// 32x32x3, ten classes. `scripts/fetch-data cifar-10 DIR` gets it.
inline constexpr Benchmark cifar10{.name = "cifar10",
                                   .read = detail::read_cifar10,
                                   .classes = detail::cifar10_classes,
                                   .radii = detail::cifar10_radii};

}  // namespace gloro::data
