// The bodies of open_images.hpp.
#pragma once

#include "gloro/data/open_images.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/data/detail/byte_reader.hpp"
#include "gloro/data/idx.hpp"
#include "gloro/data/image_file.hpp"
#include "gloro/data/picture_file.hpp"
#include "gloro/data/picture_folder.hpp"

namespace gloro::data {

namespace detail {

/// The first four bytes of a file, unpacked.
[[nodiscard]] inline std::string start_of(const std::filesystem::path& path) {
  ByteReader file(path);
  std::array<std::uint8_t, 4> bytes{};
  file.read(bytes);
  return {bytes.begin(), bytes.end()};
}

inline constexpr std::string_view npy_start = "\x93NUM", image_file_start = "glor";
/// Of unsigned bytes in three dimensions and in one.
inline constexpr std::string_view idx_images_start{"\0\0\x08\x03", 4},
    idx_labels_start{"\0\0\x08\x01", 4};

[[nodiscard]] inline Dataset mapped_with_names(const std::filesystem::path& path) {
  const Dataset images = map_images(path.filename().string(), path);
  const auto names = path.parent_path() / "classes.txt";
  return is_there(names) ? images.with_class_names(read_class_names(names, images.classes()))
                         : images;
}

[[nodiscard]] inline Dataset open_file(const std::filesystem::path& path, Channels channels) {
  const std::string start = start_of(path);
  if (start == npy_start) return npy_images(path, channels);
  if (start == image_file_start) return mapped_with_names(path);
  if (start == idx_images_start) {
    IdxArray images = read_idx(path, 3);
    return Dataset(path.filename().string(), {images.extents[1], images.extents[2], 1},
                   std::move(images.bytes));
  }
  const std::string_view first = start;
  if (!first.starts_with("\x89P") && !first.starts_with("\xff\xd8") && !first.starts_with("P5"))
    throw FileError(message(path.string(),
                            ": holds no images that are known: expected .npy, IDX, an image file, "
                            "PNG, JPEG, PGM, or a folder of such by class"));
  Picture picture = read_picture(path);
  return Dataset(path.filename().string(), picture.shape, std::move(picture.bytes));
}

}  // namespace detail

GLORO_INLINE Dataset open_images(const std::filesystem::path& path, const OpenOptions& options) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  Dataset images = !is_folder ? detail::open_file(path, options.channels)
                   : holds_image_files(path)
                       ? detail::mapped_with_names(
                             path / (options.part == Part::test ? "test.images" : "train.images"))
                       : picture_folder(path, options.classes);
  require_class_names(images, options.classes);
  if (options.labels.empty()) return images;
  if (images.has_labels())
    throw ArgumentError(message(path.string(), ": has labels of its own, and others are given by ",
                                options.labels.string()));
  std::vector<int> labels = open_labels(options.labels);
  if (labels.size() != static_cast<std::size_t>(images.size()))
    throw FileError(message(options.labels.string(), ": ", labels.size(), " labels for the ",
                            images.size(), " images of ", path.string()));
  return images.with_labels(std::move(labels));
}

GLORO_INLINE void require_class_names(const Dataset& images,
                                      const std::vector<std::string>& expected) {
  const std::vector<std::string>& names = images.class_names();
  for (std::size_t n = 0; n < std::min(names.size(), expected.size()); ++n)
    if (names[n] != expected[n])
      throw ArgumentError(message(images.name(), ": calls label ", n, " '", names[n],
                                  "', expected '", expected[n], "'"));
}

GLORO_INLINE std::vector<int> open_labels(const std::filesystem::path& path) {
  const std::string start = detail::start_of(path);
  if (start == detail::npy_start) return npy_labels(path);
  if (start != detail::idx_labels_start)
    throw FileError(message(path.string(),
                            ": holds no labels that are known: expected .npy or IDX "
                            "of one dimension"));
  const IdxArray labels = read_idx(path, 1);
  return {labels.bytes.begin(), labels.bytes.end()};
}

GLORO_INLINE Split open_split(const SplitPaths& paths) {
  Split split;
  split.train =
      open_images(paths.train, {.labels = paths.train_labels, .channels = paths.channels});
  split.test = open_images(paths.test, {.labels = paths.test_labels,
                                        .channels = paths.channels,
                                        .classes = split.train.class_names(),
                                        .part = Part::test});
  const auto require_labels = [](const Dataset& images, const std::filesystem::path& path) {
    if (!images.has_labels())
      throw ArgumentError(message(path.string(), ": has no labels: give a file of them"));
  };
  require_labels(split.train, paths.train);
  require_labels(split.test, paths.test);
  if (split.test.shape() != split.train.shape())
    throw ArgumentError(message("test images of ", split.test.shape(), " (", paths.test.string(),
                                ") beside training images of ", split.train.shape(), " (",
                                paths.train.string(), ")"));
  const int classes = std::max(split.train.classes(), split.test.classes());
  for (Dataset* part : {&split.train, &split.test})
    if (part->classes() != classes) *part = part->with_labels(part->labels(), classes);
  return split;
}

}  // namespace gloro::data
