// The bodies of cifar10.hpp.
#pragma once

#include "gloro/data/cifar10.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/data/detail/byte_reader.hpp"

namespace gloro::data {

GLORO_INLINE Dataset cifar10_batches(std::string name, std::span<const std::filesystem::path> paths,
                                     Index records) {
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

GLORO_INLINE Split cifar10_split(const std::filesystem::path& directory, Index records) {
  std::vector<std::filesystem::path> train;
  for (int i = 1; i <= 5; ++i) train.push_back(directory / message("data_batch_", i, ".bin"));
  const std::array test{directory / "test_batch.bin"};
  return {cifar10_batches("CIFAR-10 train", train, records),
          cifar10_batches("CIFAR-10 test", test, records)};
}

namespace detail {

GLORO_INLINE Split read_cifar10(const std::filesystem::path& directory) {
  return cifar10_split(directory);
}

}  // namespace detail

}  // namespace gloro::data
