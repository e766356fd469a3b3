// PictureFolder: pictures that lie in the folder of their class, FOLDER/CLASS/*.png, as many tools keep
// them. PNG, JPEG and PGM (data/picture.hpp), all of one size: none is scaled here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gloro/core/output_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/dataset.hpp"

namespace gloro::data {

class PictureFolder {
 public:
  struct Image {
    std::filesystem::path path;
    int label;
  };

  /// Lists the pictures. The classes are the folders in the order of their names, of numbers where all
  /// are; or `classes`, in their order, where it names any: those of the training images for a test, say.
  /// FileError where a folder is empty or no class, a picture lies in none, or there is nothing at all.
  explicit PictureFolder(const std::filesystem::path& root, std::vector<std::string> classes = {});

  /// Class after class, by name within one.
  [[nodiscard]] const std::vector<Image>& images() const { return images_; }
  /// In UTF-8: bytes of a folder's name that are none are spelled out.
  [[nodiscard]] const std::vector<std::string>& class_names() const { return classes_; }
  /// Of the first picture, and so of all.
  [[nodiscard]] const Shape& shape() const { return shape_; }

  /// The bytes of image i, of that shape: grey pictures among coloured ones become three equal channels.
  /// FileError, which names the file, if it cannot be read or is of another shape.
  [[nodiscard]] std::vector<std::uint8_t> read(Index i) const;

 private:
  std::vector<std::string> classes_;
  std::vector<Image> images_;
  Shape shape_{0, 0, 0};
};

/// Reads all pictures into memory, as a data set that knows its classes' names.
[[nodiscard]] Dataset picture_folder(const std::filesystem::path& root,
                                     std::vector<std::string> classes = {});

/// Writes them to an image file (data/image_file.hpp), one in memory at a time; after each `progress` is
/// told how many are done.
void write_images(OutputFile file, const PictureFolder& pictures,
                  const std::function<void(Index)>& progress = {});
/// The same, to commit.
[[nodiscard]] OutputFile images_written(OutputFile file, const PictureFolder& pictures,
                                        const std::function<void(Index)>& progress = {});

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/picture_folder.ipp"
#endif
