// The bodies of idx.hpp.
#pragma once

#include "gloro/data/idx.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/endian.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/data/detail/byte_reader.hpp"

namespace gloro::data {

GLORO_INLINE IdxArray read_idx(const std::filesystem::path& path, int dimensions) {
  ByteReader file(path);
  std::array<std::uint8_t, 4> word{};
  file.read(word);
  if (word[0] != 0 || word[1] != 0) file.fail("not an IDX file: it must begin with two zero bytes");
  if (word[2] != 8)
    file.fail("IDX data of type ", int{word[2]}, ", expected type 8 (unsigned bytes)");
  if (word[3] != dimensions)
    file.fail("an IDX array of ", int{word[3]}, " dimensions, expected ", dimensions);

  IdxArray array;
  Index size = 1;
  for (int d = 0; d < dimensions; ++d) {
    file.read(word);
    const std::int64_t stored = gloro::detail::from_big_endian<std::uint32_t>(word.data());
    if (stored == 0) file.fail("dimension ", d, " is zero");
    // Where an Index is narrower than the file's number, the number is far too large.
    const Index extent =
        static_cast<Index>(std::min<std::int64_t>(stored, std::numeric_limits<Index>::max()));
    try {
      size = checked_product(size, extent);
    } catch (const ShapeError&) {
      file.fail("its dimensions multiply to more than any file can hold");
    }
    array.extents.push_back(extent);
  }
  file.expect_room(static_cast<std::uint64_t>(size));
  return within_memory(path, [&] {
    array.bytes.resize(static_cast<std::size_t>(size));
    file.read(array.bytes);
    file.expect_end();
    return std::move(array);
  });
}

GLORO_INLINE Dataset idx_images(std::string name, const std::filesystem::path& images_path,
                                const std::filesystem::path& labels_path, int classes) {
  auto images = read_idx(images_path, 3);
  const auto labels = read_idx(labels_path, 1);
  if (labels.extents[0] != images.extents[0])
    throw FileError(message(labels_path.string(), ": ", labels.extents[0], " labels for the ",
                            images.extents[0], " images of ", images_path.string()));
  for (std::size_t i = 0; i < labels.bytes.size(); ++i)
    if (labels.bytes[i] >= classes)
      throw FileError(message(labels_path.string(), ": label ", int{labels.bytes[i]}, " of image ",
                              i, " lies outside 0..", classes - 1));
  return Dataset(std::move(name), Shape{images.extents[1], images.extents[2], 1},
                 std::move(images.bytes), {labels.bytes.begin(), labels.bytes.end()}, classes);
}

GLORO_INLINE std::filesystem::path idx_path(const std::filesystem::path& directory,
                                            const std::string& stem, const std::string& kind) {
  for (const char* ending : {"", ".gz"})
    for (const char* joint : {"-", "."})
      if (auto path = directory / (stem + joint + kind + ending); is_there(path)) return path;
  throw FileError(message((directory / (stem + "-" + kind)).string(),
                          ": no such file, nor with .gz (scripts/fetch-data gets it)"));
}

GLORO_INLINE Split idx_split(const std::string& name, const std::filesystem::path& directory,
                             int classes) {
  const auto part = [&](const std::string& stem, const std::string& which) {
    return idx_images(name + ' ' + which, idx_path(directory, stem + "-images", "idx3-ubyte"),
                      idx_path(directory, stem + "-labels", "idx1-ubyte"), classes);
  };
  Split split{part("train", "train"), part("t10k", "test")};
  if (split.test.shape() != split.train.shape())
    throw FileError(message(directory.string(), ": test images of ", split.test.shape(),
                            " beside training images of ", split.train.shape()));
  return split;
}

}  // namespace gloro::data
