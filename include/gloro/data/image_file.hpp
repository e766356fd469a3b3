// Image files: a data set as one file that is mapped, not read, so that it may be larger than memory
// and a process touches only the images that it trains on. Written once, front to back.
//
//   "gloro-images-1\n\0" | height | width | channels | classes | samples | images, shape.size() bytes
//   each | zeros to a multiple of 8 | labels, 32 bits each | checksum of all before it.
// Numbers are 64-bit but for the labels, and all are little-endian. A file that begins with
// "gloro-floats-1\n\0" has a float32 in place of each byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "gloro/core/detail/checksum.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/dataset.hpp"

namespace gloro::data {

/// What an image file holds for each value of an image: a byte, which stands for byte / 255, or a float in
/// the network's own unit.
enum class ImageValues { bytes, floats };

/// Writes an image file sample by sample: none but the labels is kept in memory. Until finish() the
/// path is untouched.
class ImageFileWriter {
 public:
  ImageFileWriter(OutputFile file, Shape shape, int classes, Index samples,
                  ImageValues values = ImageValues::bytes);

  /// Throws ArgumentError where the file is of the other values, or the image is not of its shape.
  void add(std::span<const std::uint8_t> image, int label);
  void add(std::span<const float> image, int label);

  /// Completes the file and puts it in its place.
  void finish();
  /// Completes it, and leaves it to commit: together with others, say.
  [[nodiscard]] OutputFile complete();

 private:
  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... what) const;

  template <std::size_t size>
  void put(const std::array<std::uint8_t, size>& bytes);
  void put(const void* data, std::size_t bytes);
  void begin_sample(ImageValues values, std::size_t size, int label);

  std::size_t size_;  // values of a sample
  ImageValues values_;
  int classes_;
  std::size_t samples_;
  OutputFile file_;
  std::vector<int> labels_;
  Checksum sum_;
};

/// Writes a data set of bytes or of floats, with labels. Throws ArgumentError for another.
void write_images(OutputFile file, const Dataset& images);
/// The same, to commit.
[[nodiscard]] OutputFile images_written(OutputFile file, const Dataset& images);

/// Whether map_images() reads every image to compare the checksum, or takes the file's word for it.
enum class Verify { no, yes };

/// Maps an image file. Throws FileError if it is anything else, or not as long as it says, or damaged
/// where it was looked at: the header and the labels, and with Verify::yes everything.
[[nodiscard]] Dataset map_images(std::string name, const std::filesystem::path& path,
                                 Verify verify = Verify::no);

/// The lines of a file that names classes, one each; FileError unless there are `classes`.
[[nodiscard]] std::vector<std::string> read_class_names(const std::filesystem::path& path,
                                                        int classes);

/// train.images and test.images of one directory, which gives the data set its name; classes.txt beside
/// them, if it is there, names the classes, a line each.
[[nodiscard]] Split mapped_split(const std::filesystem::path& directory);

/// Whether that is what lies in `directory`.
[[nodiscard]] bool holds_image_files(const std::filesystem::path& directory);

/// The files that mapped_split() reads. All are tried when this is made; they take their places together, once
/// they are complete, or the old ones stay.
class SplitFiles {
 public:
  /// Throws FileError where the directory cannot be made, or a file in it.
  explicit SplitFiles(const std::filesystem::path& directory);

  OutputFile train,
      test;  ///< for ImageFileWriter::complete() or images_written(), whose file goes to commit()

  /// No `class_names`: classes.txt of what was here before goes.
  void commit(OutputFile train_images, OutputFile test_images,
              const std::vector<std::string>& class_names);

 private:
  std::filesystem::path class_names_path_;
  OutputFile class_names_;
};

}  // namespace gloro::data

#ifndef GLORO_COMPILED
#include "gloro/data/image_file.ipp"
#endif
