// The bodies of picture_folder.hpp.
#pragma once

#include "gloro/data/picture_folder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/utf8.hpp"
#include "gloro/data/detail/listing.hpp"
#include "gloro/data/image_file.hpp"
#include "gloro/data/picture_file.hpp"

namespace gloro::data {

namespace detail {

/// Names that are all whole numbers go by their value: 2 before 10.
inline void sort_classes(std::vector<std::string>& names) {
  const auto number = [](const std::string& name) { return to_whole<std::uint64_t>(name); };
  if (std::all_of(names.begin(), names.end(), [&](const auto& name) { return number(name); }))
    std::stable_sort(names.begin(), names.end(),
                     [&](const auto& a, const auto& b) { return *number(a) < *number(b); });
}

}  // namespace detail

GLORO_INLINE PictureFolder::PictureFolder(const std::filesystem::path& root,
                                          std::vector<std::string> classes)
    : classes_(std::move(classes)) {
  std::vector<std::string> folders = detail::names_in(root);
  for (const std::string& name : folders)
    if (std::error_code ignored; !std::filesystem::is_directory(root / name, ignored))
      throw FileError(message((root / name).string(), ": lies in no folder of a class"));
  if (folders.empty()) throw FileError(message(root.string(), ": holds no folder of a class"));
  detail::sort_classes(folders);
  if (classes_.empty())
    std::transform(folders.begin(), folders.end(), std::back_inserter(classes_), utf8_text);
  for (const std::string& name : folders) {
    const auto place = std::find(classes_.begin(), classes_.end(), utf8_text(name));
    if (place == classes_.end())
      throw FileError(message((root / name).string(), ": is none of the ", classes_.size(),
                              " classes of the training images"));
    const std::vector<std::string> pictures = detail::names_in(root / name);
    if (pictures.empty()) throw FileError(message((root / name).string(), ": holds no picture"));
    for (const std::string& picture : pictures)
      images_.push_back(
          {root / name / picture, static_cast<int>(std::distance(classes_.begin(), place))});
  }
  shape_ = read_picture(images_.front().path).shape;
}

GLORO_INLINE std::vector<std::uint8_t> PictureFolder::read(Index i) const {
  const auto& path = images_[static_cast<std::size_t>(i)].path;
  Picture picture = read_picture(path);
  if (picture.shape.channels == 1 && shape_.channels == 3) picture = picture.with_channels(3);
  if (picture.shape != shape_)
    throw FileError(message(path.string(), ": is a picture of ", picture.shape, ", expected ",
                            shape_, " as of ", images_.front().path.string(),
                            ": bring all to one size first"));
  return std::move(picture.bytes);
}

GLORO_INLINE Dataset picture_folder(const std::filesystem::path& root,
                                    std::vector<std::string> classes) {
  const PictureFolder pictures(root, std::move(classes));
  std::vector<std::uint8_t> bytes;
  std::vector<int> labels;
  within_memory(root, [&] {
    const auto count = pictures.images().size();
    bytes.reserve(count * static_cast<std::size_t>(pictures.shape().size()));
    for (std::size_t i = 0; i < count; ++i) {
      const auto image = pictures.read(static_cast<Index>(i));
      bytes.insert(bytes.end(), image.begin(), image.end());
      labels.push_back(pictures.images()[i].label);
    }
  });
  return Dataset((root / "").lexically_normal().parent_path().filename().string(), pictures.shape(),
                 std::move(bytes), std::move(labels),
                 static_cast<int>(pictures.class_names().size()))
      .with_class_names(pictures.class_names());
}

GLORO_INLINE void write_images(OutputFile file, const PictureFolder& pictures,
                               const std::function<void(Index)>& progress) {
  images_written(std::move(file), pictures, progress).commit();
}

GLORO_INLINE OutputFile images_written(OutputFile file, const PictureFolder& pictures,
                                       const std::function<void(Index)>& progress) {
  ImageFileWriter writer(std::move(file), pictures.shape(),
                         static_cast<int>(pictures.class_names().size()),
                         static_cast<Index>(pictures.images().size()));
  Index done = 0;
  for (const auto& image : pictures.images()) {
    writer.add(pictures.read(done), image.label);
    ++done;
    if (progress) progress(done);
  }
  return writer.complete();
}

}  // namespace gloro::data
