// The binary versions of CIFAR-10 and CIFAR-100: records of label bytes and three planes (red, green, blue)
// of 32 x 32 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/input_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/data/detail/byte_reader.hpp"

namespace gloro::data::detail {

/// Reads files of `records` images each, one after another, into one data set; planes become
/// interleaved channels. The last of a record's label bytes is the label. FileError if a file is longer
/// or shorter, or a label is no class.
template <std::size_t label_bytes>
[[nodiscard]] Dataset read_cifar_records(std::string name,
                                         std::span<const std::filesystem::path> paths,
                                         Index records, int classes) {
  constexpr std::size_t pixels = std::size_t{32} * 32;
  std::array<std::uint8_t, label_bytes + 3 * pixels> record{};
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
      const int label = record[label_bytes - 1];
      if (label >= classes)
        file.fail("label ", label, " of image ", n, " lies outside 0..", classes - 1);
      labels.push_back(label);
      for (std::size_t p = 0; p < pixels; ++p)
        for (std::size_t channel = 0; channel < 3; ++channel)
          images.push_back(record[label_bytes + channel * pixels + p]);
    }
    file.expect_end();
  }
  return Dataset(std::move(name), Shape{32, 32, 3}, std::move(images), std::move(labels), classes);
}

}  // namespace gloro::data::detail
