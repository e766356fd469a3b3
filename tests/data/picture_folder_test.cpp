#include "gloro/data/picture_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "data/png_bytes.hpp"
#include "gloro/data/image_file.hpp"

using namespace gloro;
using files::Bytes;
using files::operator+;

namespace {

/// A grey picture of one colour.
Bytes pgm(std::uint8_t grey, int width = 2) {
  return files::text("P5 " + std::to_string(width) + " 2 255\n") +
         Bytes(static_cast<std::size_t>(2 * width), grey);
}

void put(const std::filesystem::path& path, const Bytes& bytes) {
  std::filesystem::create_directories(path.parent_path());
  files::write(path, bytes);
}

}  // namespace

TEST_CASE("pictures are labelled by their folders in the order of names") {
  const files::TemporaryDirectory directory;
  put(directory / "set/dog/b.pgm", pgm(3));
  put(directory / "set/dog/a.pgm", pgm(2));
  put(directory / "set/cat/z.pgm", pgm(1));
  put(directory / "set/.hidden", pgm(9));
  put(directory / "set/cat/.DS_Store", {1});
  const data::Dataset set = data::picture_folder(directory / "set");
  CHECK(set.name() == "set");
  CHECK(set.shape() == Shape{2, 2, 1});
  CHECK(set.labels() == std::vector<int>{0, 1, 1});
  CHECK(set.class_names() == std::vector<std::string>{"cat", "dog"});
  REQUIRE(set.pixels().bytes().size() == 12);
  CHECK(set.pixels().bytes()[0] == 1);
  CHECK(set.pixels().bytes()[4] == 2);
  CHECK(set.pixels().bytes()[8] == 3);
}

TEST_CASE("folders that are numbers go by their value") {
  const files::TemporaryDirectory directory;
  for (const char* name : {"10", "2", "0"}) put(directory / "set" / name / "a.pgm", pgm(1));
  CHECK(data::PictureFolder(directory / "set").class_names() ==
        std::vector<std::string>{"0", "2", "10"});
}

TEST_CASE("pictures to test on are labelled by the classes of the training") {
  const files::TemporaryDirectory directory;
  put(directory / "test/dog/a.pgm", pgm(2));
  const std::vector<std::string> classes{"cat", "cow", "dog"};
  const data::Dataset set = data::picture_folder(directory / "test", classes);
  CHECK(set.labels() == std::vector<int>{2});
  CHECK(set.classes() == 3);
  CHECK_THROWS_WITH(data::picture_folder(directory / "test", {"cat"}),
                    ContainsText("dog: is none of the 1 classes"));
}

TEST_CASE("a folder that is no set of pictures by class is refused by what is wrong") {
  const files::TemporaryDirectory directory;
  CHECK_THROWS_AS(data::picture_folder(directory / "none"), FileError);
  std::filesystem::create_directories(directory / "set");
  CHECK_THROWS_WITH(data::picture_folder(directory / "set"), ContainsText("no folder of a class"));
  std::filesystem::create_directories(directory / "set/cat");
  CHECK_THROWS_WITH(data::picture_folder(directory / "set"), ContainsText("holds no picture"));
  put(directory / "set/cat/a.pgm", pgm(1));
  put(directory / "set/cat/b.pgm", pgm(1, 3));
  CHECK_THROWS_WITH(data::picture_folder(directory / "set"),
                    ContainsText("b.pgm: is a picture of 2x3x1, expected 2x2x1 as of"));
  files::write(directory / "set/cat/b.pgm", files::text("hello"));
  CHECK_THROWS_WITH(data::picture_folder(directory / "set"), ContainsText("b.pgm: is no picture"));
  std::filesystem::remove(directory / "set/cat/b.pgm");
  put(directory / "set/a.pgm", pgm(1));
  CHECK_THROWS_WITH(data::picture_folder(directory / "set"),
                    ContainsText("a.pgm: lies in no folder of a class"));
}

TEST_CASE("a folder of pictures becomes an image file of the same images") {
  const files::TemporaryDirectory directory;
  for (int label = 0; label < 3; ++label)
    for (int k = 0; k < 2; ++k)
      put(directory / "set" / std::to_string(label) / (std::to_string(k) + ".pgm"),
          pgm(static_cast<std::uint8_t>(10 * label + k)));
  std::vector<Index> told;
  data::write_images(directory / "set.images", data::PictureFolder(directory / "set"),
                     [&](Index done) { told.push_back(done); });
  CHECK(told == std::vector<Index>{1, 2, 3, 4, 5, 6});
  const auto mapped = data::map_images("set", directory / "set.images", data::Verify::yes);
  const auto read = data::picture_folder(directory / "set");
  CHECK(mapped.checksum() != 0);
  CHECK(mapped.labels() == read.labels());
  CHECK(Bytes(mapped.pixels().bytes().begin(), mapped.pixels().bytes().end()) ==
        Bytes(read.pixels().bytes().begin(), read.pixels().bytes().end()));
}

#if defined(GLORO_WITH_PNG) && GLORO_WITH_PNG
TEST_CASE("a grey picture among coloured ones becomes three equal channels") {
  const files::TemporaryDirectory directory;
  put(directory / "set/a/1.png",
      files::png_bytes({.width = 1, .height = 1, .colour = 2, .rows = {1, 2, 3}}));
  put(directory / "set/a/2.png",
      files::png_bytes({.width = 1, .height = 1, .colour = 0, .rows = {9}}));
  const auto set = data::picture_folder(directory / "set");
  CHECK(Bytes(set.pixels().bytes().begin(), set.pixels().bytes().end()) == Bytes{1, 2, 3, 9, 9, 9});
}
#endif
