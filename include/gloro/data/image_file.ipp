// The bodies of image_file.hpp.
#pragma once

#include "gloro/data/image_file.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/bit_cast.hpp"
#include "gloro/core/detail/endian.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/utf8.hpp"
#include "gloro/data/detail/mapped_file.hpp"

namespace gloro::data {

namespace detail {

inline constexpr std::string_view bytes_magic{"gloro-images-1\n\0", 16},
    floats_magic{"gloro-floats-1\n\0", 16};
inline constexpr std::size_t image_file_header = 16 + 5 * 8;  // floats behind it are aligned

[[nodiscard]] constexpr std::size_t bytes_of(ImageValues values) {
  return values == ImageValues::floats ? sizeof(float) : 1;
}

/// Little-endian floats where they lie, or, on another machine, in memory.
[[nodiscard]] inline Pixels floats_at(std::span<const std::uint8_t> bytes,
                                      std::shared_ptr<const void> keeper) {
  const std::size_t count = bytes.size() / sizeof(float);
  if constexpr (std::endian::native == std::endian::little) {
    return {std::span(reinterpret_cast<const float*>(bytes.data()), count), std::move(keeper)};
  } else {
    std::vector<float> floats;
    floats.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      floats.push_back(gloro::detail::bit_cast<float>(
          gloro::detail::from_little_endian<std::uint32_t>(&bytes[i * sizeof(float)])));
    return floats;
  }
}

}  // namespace detail

GLORO_INLINE ImageFileWriter::ImageFileWriter(OutputFile file, Shape shape, int classes,
                                              Index samples, ImageValues values)
    : size_(static_cast<std::size_t>(shape.size())),
      values_(values),
      classes_(classes),
      samples_(static_cast<std::size_t>(samples)),
      file_(std::move(file)) {
  if (size_ == 0 || classes < 1 || samples < 1)
    refuse(samples, " samples of ", shape, " in ", classes, " classes");
  const auto magic = values == ImageValues::floats ? detail::floats_magic : detail::bytes_magic;
  put(magic.data(), magic.size());
  for (const Index number : {shape.height, shape.width, shape.channels, Index{classes}, samples})
    put(gloro::detail::little_endian(static_cast<std::uint64_t>(number)));
}

GLORO_INLINE void ImageFileWriter::begin_sample(ImageValues values, std::size_t size, int label) {
  if (values != values_)
    refuse("an image of ", values == ImageValues::floats ? "floats for bytes" : "bytes for floats");
  if (size != size_) refuse("an image of ", size, " values, expected ", size_);
  if (label < 0 || label >= classes_) refuse("label ", label, " lies outside 0..", classes_ - 1);
  if (labels_.size() == samples_) refuse("more than the ", samples_, " samples announced");
  labels_.push_back(label);
}

GLORO_INLINE void ImageFileWriter::add(std::span<const std::uint8_t> image, int label) {
  begin_sample(ImageValues::bytes, image.size(), label);
  put(image.data(), image.size());
}

GLORO_INLINE void ImageFileWriter::add(std::span<const float> image, int label) {
  begin_sample(ImageValues::floats, image.size(), label);
  for (const float value : image)
    put(gloro::detail::little_endian(gloro::detail::bit_cast<std::uint32_t>(value)));
}

GLORO_INLINE void ImageFileWriter::finish() { complete().commit(); }

GLORO_INLINE OutputFile ImageFileWriter::complete() {
  if (labels_.size() != samples_) refuse(labels_.size(), " samples, announced were ", samples_);
  constexpr std::array<std::uint8_t, 8> zeros{};
  put(zeros.data(), (8 - size_ * samples_ * detail::bytes_of(values_) % 8) % 8);
  for (const int label : labels_)
    put(gloro::detail::little_endian(static_cast<std::uint32_t>(label)));
  const auto sum = gloro::detail::little_endian(sum_.value());
  file_.write(sum.data(), sum.size());
  return std::move(file_);
}

template <typename... Parts>
void ImageFileWriter::refuse(const Parts&... what) const {
  throw ArgumentError(message(file_.path().string(), ": ", what...));
}

template <std::size_t size>
void ImageFileWriter::put(const std::array<std::uint8_t, size>& bytes) {
  put(bytes.data(), size);
}

GLORO_INLINE void ImageFileWriter::put(const void* data, std::size_t bytes) {
  file_.write(data, bytes);
  sum_.add(data, bytes);
}

GLORO_INLINE Dataset map_images(std::string name, const std::filesystem::path& path,
                                Verify verify) {
  const auto file = std::make_shared<const MappedFile>(path);
  const std::span<const std::uint8_t> bytes = file->bytes();
  const auto fail = [&](const auto&... what) {
    throw FileError(message(path.string(), ": ", what...));
  };
  const std::size_t header = detail::image_file_header;
  const auto begins_with = [&](std::string_view magic) {
    return bytes.size() >= header && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
  };
  const bool are_floats = begins_with(detail::floats_magic);
  if (!are_floats && !begins_with(detail::bytes_magic)) fail("is no image file of gloro");
  constexpr auto most =
      std::min<std::uint64_t>(std::numeric_limits<Index>::max(), std::uint64_t{1} << 40);
  std::array<Index, 5> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = gloro::detail::from_little_endian<std::uint64_t>(&bytes[16 + 8 * i]);
    if (number < 1 || number > most) fail("is damaged: ", number, " in its header");
    numbers[i] = static_cast<Index>(number);
  }
  const auto [height, width, channels, classes, samples] = numbers;
  const Shape shape{height, width, channels};
  if (classes > 1 << 30) fail("is damaged: ", classes, " classes");
  std::size_t values = 0;  // their bytes
  try {
    const auto each = detail::bytes_of(are_floats ? ImageValues::floats : ImageValues::bytes);
    values = static_cast<std::size_t>(
        checked_product(checked_product(shape.size(), samples), static_cast<Index>(each)));
  } catch (const ShapeError&) {
    fail("its extents multiply to more than any file can hold");
  }
  const std::size_t padding = (8 - values % 8) % 8;
  const std::size_t labels_size = 4 * static_cast<std::size_t>(samples);
  if (bytes.size() < header + 8 + labels_size ||
      bytes.size() - header - 8 - labels_size - padding != values)
    fail("has ", bytes.size(), " bytes, not those of ", samples, " samples of ", shape);
  const std::uint8_t* at = &bytes[header] + values + padding;
  std::vector<int> labels;
  within_memory(path, [&, count = samples] { labels.reserve(static_cast<std::size_t>(count)); });
  for (Index n = 0; n < samples; ++n, at += 4) {
    const auto label = gloro::detail::from_little_endian<std::uint32_t>(at);
    if (label >= static_cast<std::uint32_t>(classes))
      fail("label ", label, " of image ", n, " lies outside 0..", classes - 1);
    labels.push_back(static_cast<int>(label));
  }
  const auto checksum = gloro::detail::from_little_endian<std::uint64_t>(at);
  if (verify == Verify::yes) {
    Checksum sum;
    sum.add(bytes.data(), bytes.size() - 8);
    if (sum.value() != checksum) fail("is damaged: its checksum does not fit");
  }
  const std::span<const std::uint8_t> images = bytes.subspan(header, values);
  return Dataset(std::move(name), shape,
                 are_floats ? detail::floats_at(images, file) : Pixels(images, file),
                 std::move(labels), static_cast<int>(classes), checksum);
}

GLORO_INLINE void write_images(OutputFile file, const Dataset& images) {
  images_written(std::move(file), images).commit();
}

GLORO_INLINE OutputFile images_written(OutputFile file, const Dataset& images) {
  const Pixels& pixels = images.pixels();
  if (!pixels.fit<float>())
    throw ArgumentError(message(images.name(),
                                ": an image file holds bytes or float32, and these are float64: "
                                "round them"));
  if (!images.has_labels()) throw ArgumentError(message(images.name(), ": has no labels"));
  ImageFileWriter writer(std::move(file), images.shape(), images.classes(), images.size(),
                         pixels.are_bytes() ? ImageValues::bytes : ImageValues::floats);
  const auto each = static_cast<std::size_t>(images.shape().size());
  const auto write = [&](const auto values) {
    for (std::size_t n = 0; n < values.size() / each; ++n)
      writer.add(values.subspan(n * each, each), images.labels()[n]);
  };
  write(pixels.bytes());
  write(pixels.floats());  // one of the two is empty
  return writer.complete();
}

GLORO_INLINE std::vector<std::string> read_class_names(const std::filesystem::path& path,
                                                       int classes) {
  std::ifstream file = open_to_read(path);
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) names.push_back(utf8_text(line));
  if (names.size() != static_cast<std::size_t>(classes))
    throw FileError(message(path.string(), ": expected a line for each of ", classes,
                            " classes, got ", names.size()));
  return names;
}

GLORO_INLINE Split mapped_split(const std::filesystem::path& directory) {
  const auto name = (directory / "").lexically_normal().parent_path().filename().string();
  Split split{map_images(name + " train", directory / "train.images"),
              map_images(name + " test", directory / "test.images")};
  const auto names = directory / "classes.txt";
  if (is_there(names))
    for (Dataset* part : {&split.train, &split.test})
      *part = part->with_class_names(read_class_names(names, part->classes()));
  return split;
}

GLORO_INLINE bool holds_image_files(const std::filesystem::path& directory) {
  return is_there(directory / "train.images");
}

namespace detail {

[[nodiscard]] inline const std::filesystem::path& made(const std::filesystem::path& directory) {
  std::error_code problem;
  std::filesystem::create_directories(directory, problem);
  if (problem)
    throw FileError(message(directory.string(), ": cannot be made (", problem.message(), ")"));
  return directory;
}

}  // namespace detail

GLORO_INLINE SplitFiles::SplitFiles(const std::filesystem::path& directory)
    : train(detail::made(directory) / "train.images"),
      test(directory / "test.images"),
      class_names_path_(directory / "classes.txt"),
      class_names_(class_names_path_) {}

GLORO_INLINE void SplitFiles::commit(OutputFile train_images, OutputFile test_images,
                                     const std::vector<std::string>& class_names) {
  for (const std::string& name : class_names) class_names_.write(name + '\n');
  test_images.commit();
  train_images.commit();
  if (!class_names.empty()) return class_names_.commit();
  std::error_code ignored;
  std::filesystem::remove(class_names_path_, ignored);
}

}  // namespace gloro::data
