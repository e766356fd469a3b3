// Image files: what was written is what is mapped; every kind of damage is refused.
#include "gloro/data/image_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/data/load.hpp"

using namespace gloro;
using data::Dataset;
using data::ImageFileWriter;
using files::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

constexpr Shape image_shape{3, 1, 5};

/// Odd in number and size, so that nothing is aligned by luck.
struct Images {
  std::vector<std::uint8_t> bytes;
  std::vector<int> labels;

  explicit Images(Index count) : bytes(static_cast<std::size_t>(count * image_shape.size())) {
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{7});
    for (Index n = 0; n < count; ++n) labels.push_back(static_cast<int>(n * n % 4));
  }
  void write(const fs::path& path) const {
    ImageFileWriter file(path, image_shape, 4, static_cast<Index>(labels.size()));
    const auto size = static_cast<std::size_t>(image_shape.size());
    for (std::size_t n = 0; n < labels.size(); ++n)
      file.add(std::span(bytes).subspan(n * size, size), labels[n]);
    file.finish();
  }
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("a mapped image file gives the same batches as the images in memory") {
  const TemporaryDirectory directory;
  for (const Index count : {1, 5, 8}) {
    const Images images(count);
    images.write(directory / "a.images");
    const Dataset memory("memory", image_shape, images.bytes, images.labels, 4);
    const Dataset mapped = data::map_images("mapped", directory / "a.images", data::Verify::yes);
    CHECK(mapped.name() == "mapped");
    CHECK(mapped.shape() == image_shape);
    CHECK(mapped.classes() == 4);
    CHECK(mapped.labels() == images.labels);
    REQUIRE(mapped.size() == count);
    const auto one = memory.images(0, count), other = mapped.images(0, count);
    CHECK(one.matrix() == other.matrix());
    const Dataset rest = mapped.part(count - 1, 1);
    CHECK(rest.image<double>(0).matrix() == memory.image<double>(count - 1).matrix());
    CHECK(rest.label(0) == images.labels.back());
  }
}

TEST_CASE("a mapped file of floats gives the same floats to the bit, in the unit that they had") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a.images";
  using Limits = std::numeric_limits<float>;
  for (const std::size_t count : {1U, 2U, 5U}) {  // padded and not
    std::vector<float> values(15 * count, -0.0F);
    const float odd[] = {0.1F,
                         -3.5F,
                         1e30F,
                         Limits::denorm_min(),
                         Limits::lowest(),
                         Limits::infinity(),
                         Limits::quiet_NaN()};
    std::copy(std::begin(odd), std::end(odd), values.begin() + static_cast<std::ptrdiff_t>(count));
    const Dataset memory("memory", image_shape, values, std::vector<int>(count, 3), 4);
    data::write_images(path, memory);
    const std::string whole = contents(path);
    CHECK(whole.substr(0, 16) == std::string("gloro-floats-1\n\0", 16));
    CHECK(static_cast<unsigned char>(whole[56 + 4 * count]) == 0xcd);  // 0.1 is 3dcccccd
    CHECK(static_cast<unsigned char>(whole[59 + 4 * count]) == 0x3d);

    const Dataset mapped = data::map_images("mapped", path, data::Verify::yes);
    CHECK(mapped.shape() == image_shape);
    CHECK(mapped.labels() == memory.labels());
    REQUIRE(mapped.pixels().floats().size() == values.size());
    CHECK(std::memcmp(mapped.pixels().floats().data(), values.data(), 4 * values.size()) == 0);
    const Tensor<float> last = mapped.image(static_cast<Index>(count) - 1);
    CHECK(std::memcmp(last.data(), &values[15 * (count - 1)], 15 * sizeof(float)) == 0);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      write(path, whole.substr(0, size));
      CHECK_THROWS_AS(data::map_images("a", path), FileError);
    }
    write(path, std::string("gloro-images-1\n\0", 16) + whole.substr(16));  // as bytes
    CHECK_THROWS_AS(data::map_images("a", path), FileError);
  }
  ImageFileWriter floats(path, image_shape, 4, 1, data::ImageValues::floats),
      bytes(path, image_shape, 4, 1);
  CHECK_THROWS_AS(floats.add(std::vector<std::uint8_t>(15), 0), ArgumentError);
  CHECK_THROWS_AS(bytes.add(std::vector<float>(15), 0), ArgumentError);
}

TEST_CASE("a mapped data set outlives its name in the file system, and its first owner") {
  const TemporaryDirectory directory;
  const Images images(5);
  images.write(directory / "a.images");
  Dataset copy;
  {
    const Dataset mapped = data::map_images("mapped", directory / "a.images");
    copy = mapped.head(2);
  }
  fs::remove(directory / "a.images");
  CHECK(copy.image(1).data()[0] == data::pixel_of(images.bytes[15]));
}

TEST_CASE("checksums tell data sets apart, mapped or in memory") {
  const TemporaryDirectory directory;
  Images images(5);
  images.write(directory / "a.images");
  const Dataset memory("a", image_shape, images.bytes, images.labels, 4);
  images.bytes[44] ^= 1;
  images.write(directory / "b.images");
  const Dataset other("a", image_shape, images.bytes, images.labels, 4);
  images.labels[2] ^= 1;
  images.write(directory / "c.images");
  const Dataset third("a", image_shape, images.bytes, images.labels, 4);
  CHECK(memory.checksum() != other.checksum());
  CHECK(other.checksum() != third.checksum());
  CHECK(memory.checksum() == Dataset(memory).checksum());
  CHECK(memory.part(0, 4).checksum() != memory.checksum());
  const auto sum = [&](const char* name) {
    return data::map_images("a", directory / name).checksum();
  };
  CHECK(sum("a.images") != sum("b.images"));
  CHECK(sum("b.images") != sum("c.images"));
  const Dataset mapped = data::map_images("a", directory / "a.images");
  CHECK(mapped.part(0, 4).checksum() != mapped.checksum());
}

TEST_CASE("an image file that is cut, lengthened or no image file at all is refused by name") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a.images";
  CHECK_THROWS_WITH(data::map_images("a", path), ContainsText(path.string()));
  Images(5).write(path);
  const std::string whole = contents(path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(path, whole.substr(0, size));
    CHECK_THROWS_AS(data::map_images("a", path), FileError);
  }
  write(path, whole + "x");
  CHECK_THROWS_AS(data::map_images("a", path), FileError);
  write(path, std::string(500, 'x'));
  CHECK_THROWS_WITH(data::map_images("a", path), ContainsText("no image file"));
}

TEST_CASE("one turned bit anywhere in an image file is found when it is verified") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a.images";
  Images(5).write(path);
  const std::string whole = contents(path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ 1U << at % 8);
    write(path, damaged);
    CHECK_THROWS_AS(data::map_images("a", path, data::Verify::yes), FileError);
  }
}

TEST_CASE("a writer refuses what does not fit, and leaves no file behind") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a.images";
  const std::vector<std::uint8_t> image(15), small(14);
  {
    ImageFileWriter file(path, image_shape, 4, 2);
    CHECK_THROWS_AS(file.add(small, 0), ArgumentError);
    CHECK_THROWS_AS(file.add(image, 4), ArgumentError);
    CHECK_THROWS_AS(file.add(image, -1), ArgumentError);
    file.add(image, 3);
    CHECK_THROWS_AS(file.finish(), ArgumentError);
    file.add(image, 0);
    CHECK_THROWS_AS(file.add(image, 0), ArgumentError);
  }
  CHECK(fs::is_empty(directory));
  CHECK_THROWS_AS(ImageFileWriter(path, image_shape, 0, 2), ArgumentError);
  CHECK_THROWS_AS(ImageFileWriter(path, image_shape, 4, 0), ArgumentError);
}

TEST_CASE("the command lines' name for image files is mapped") {
  const TemporaryDirectory directory;
  Images(5).write(directory / "train.images");
  Images(3).write(directory / "test.images");
  const auto [train, test] = data::load("mapped", directory);
  CHECK(train.size() == 5);
  CHECK(test.size() == 3);
  CHECK(train.class_names().empty());
}

TEST_CASE("classes.txt beside image files names their classes") {
  const TemporaryDirectory directory;
  Images(5).write(directory / "train.images");
  Images(3).write(directory / "test.images");
  std::vector<std::string> names(
      static_cast<std::size_t>(data::map_images("a", directory / "test.images").classes()));
  for (std::size_t c = 0; c < names.size(); ++c) {
    names[c] = "class " + std::to_string(c);
    std::ofstream(directory / "classes.txt", std::ios::app) << names[c] << '\n';
  }
  const auto [train, test] = data::mapped(directory / "");
  CHECK(train.class_names() == names);
  CHECK(test.class_names() == names);
  std::ofstream(directory / "classes.txt", std::ios::app) << "one more\n";
  CHECK_THROWS_WITH(data::mapped(directory / ""),
                    ContainsText("classes.txt") && ContainsText("expected a line for each of"));
}
