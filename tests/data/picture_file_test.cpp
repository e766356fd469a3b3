// Without the component gloro::png there are PGM pictures alone.
#include "gloro/data/picture_file.hpp"

#include <string>

#include "catch.hpp"
#include "data/files.hpp"
#include "data/png_bytes.hpp"

using namespace gloro;
using files::Bytes;
using files::operator+;

namespace {

data::Picture picture_of(const Bytes& bytes) {
  const files::TemporaryDirectory directory;
  files::write(directory / "picture", bytes);
  return data::read_picture(directory / "picture");
}

std::string picture_defect(const Bytes& bytes) {
  try {
    (void)picture_of(bytes);
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a PGM picture is read as it is") {
  const data::Picture picture = picture_of(files::text("P5 3 2 255\n") + Bytes{1, 2, 3, 4, 5, 255});
  CHECK(picture.shape == Shape{2, 3, 1});
  CHECK(picture.bytes == Bytes{1, 2, 3, 4, 5, 255});
  CHECK_THAT(picture_defect(files::text("P5 1 1 7\n") + Bytes{3}),
             ContainsText("white is not 255"));
}

TEST_CASE("what is no picture is refused by the kinds that are read") {
  CHECK_THAT(picture_defect(files::text("GIF89a")), ContainsText("expected PNG, JPEG or PGM"));
  CHECK_THAT(picture_defect({}), ContainsText("expected PNG, JPEG or PGM"));
}

TEST_CASE("grey becomes three equal channels and colour never becomes grey") {
  const data::Picture grey{{1, 2, 1}, {7, 9}};
  const data::Picture colour = grey.with_channels(3);
  CHECK(colour.shape == Shape{1, 2, 3});
  CHECK(colour.bytes == Bytes{7, 7, 7, 9, 9, 9});
  CHECK(grey.with_channels(1).bytes == grey.bytes);
  CHECK_THROWS_AS(colour.with_channels(1), ArgumentError);
}

#if defined(GLORO_WITH_PNG) && GLORO_WITH_PNG

TEST_CASE("a PNG is read to its very bytes in colour and in grey") {
  const Bytes values{0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255};
  const data::Picture colour =
      picture_of(files::png_bytes({.width = 2, .height = 2, .rows = values}));
  CHECK(colour.shape == Shape{2, 2, 3});
  CHECK(colour.bytes == values);
  const data::Picture grey =
      picture_of(files::png_bytes({.width = 4, .height = 3, .colour = 0, .rows = values}));
  CHECK(grey.shape == Shape{3, 4, 1});
  CHECK(grey.bytes == values);
}

TEST_CASE("palettes and fewer bits of a PNG are spread out to bytes") {
  const data::Picture palette = picture_of(files::png_bytes({.width = 3,
                                                             .height = 1,
                                                             .colour = 3,
                                                             .rows = {1, 0, 1},
                                                             .palette = {10, 20, 30, 40, 50, 60}}));
  CHECK(palette.bytes == Bytes{40, 50, 60, 10, 20, 30, 40, 50, 60});
  const data::Picture bits = picture_of(
      files::png_bytes({.width = 4, .height = 1, .bits = 1, .colour = 0, .rows = {0xa0}}));
  CHECK(bits.shape == Shape{1, 4, 1});
  CHECK(bits.bytes == Bytes{255, 0, 255, 0});
}

TEST_CASE("a PNG that is no plain picture of bytes is refused with the way out") {
  CHECK_THAT(picture_defect(files::png_bytes(
                 {.width = 1, .height = 1, .bits = 16, .colour = 0, .rows = {1, 2}})),
             ContainsText("16 bits a value"));
  CHECK_THAT(picture_defect(
                 files::png_bytes({.width = 1, .height = 1, .colour = 6, .rows = {1, 2, 3, 4}})),
             ContainsText("transparent"));
  CHECK_THAT(picture_defect(files::png_bytes({.width = 1,
                                              .height = 1,
                                              .colour = 3,
                                              .rows = {0},
                                              .palette = {1, 2, 3},
                                              .transparency = {0}})),
             ContainsText("transparent"));
}

TEST_CASE("a picture that claims more pixels than its bytes can hold takes no memory for them") {
  const Bytes png = files::png_bytes({.width = 20000, .height = 20000, .bits = 1, .colour = 0});
  CHECK_THAT(picture_defect(png), ContainsText("is damaged: 20000 x 20000 pixels in a file of "));
}

TEST_CASE("a PNG that is cut short or changed anywhere in its pixels is refused") {
  const Bytes whole = files::png_bytes({.width = 2, .height = 2, .rows = Bytes(12, 100)});
  CHECK(picture_defect(whole) == "none");
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(picture_defect({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}) !=
          "none");
  for (std::size_t i = 50; i < 60; ++i) {
    Bytes changed = whole;
    changed[i] ^= 1U;
    CHECK_THAT(picture_defect(changed), ContainsText("is damaged"));
  }
}

#endif
