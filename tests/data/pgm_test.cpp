#include "gloro/data/pgm.hpp"

#include <string>

#include "catch.hpp"
#include "files.hpp"

using namespace gloro;
using files::Bytes;
using files::operator+;

namespace {

data::Dataset read(const std::string& header, const Bytes& pixels) {
  const files::TemporaryDirectory directory;
  files::write(directory / "a.pgm", files::text(header) + pixels);
  return data::pgm_image(directory / "a.pgm");
}

std::string pgm_defect(const std::string& header, const Bytes& pixels = {}) {
  try {
    (void)read(header, pixels);
  } catch (const FileError& error) {
    REQUIRE_THAT(error.what(), ContainsText("a.pgm: "));
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a PGM picture is one image of byte / 255") {
  const auto image = read("P5\n3 2\n255\n", {0, 1, 2, 10, 32, 255});
  CHECK(image.name() == "a.pgm");
  CHECK(image.size() == 1);
  CHECK(image.shape() == Shape{2, 3, 1});
  CHECK(image.image(0).data()[2] == data::pixel_of(2));
  CHECK(image.image(0).data()[5] == 1.0F);
}

TEST_CASE("comments and any white space may stand between the numbers of a PGM header") {
  const Bytes two{35, 10};  // a pixel that looks like the start of a comment
  for (const std::string header :
       {"P5 2 1 255 ", "P5\n# by a camera\n2 1\n255\n", "P5\r\n2\t1\r\n# 3 4\r\n# again\n255\n",
        "P5#at once\n2#two\n1 #one\n 255\n", "P5\n\n\n2\v1\f255\r"}) {
    INFO(header);
    const auto image = read(header, two);
    CHECK(image.shape() == Shape{1, 2, 1});
    CHECK(image.image(0).data()[0] == data::pixel_of(35));
  }
}

TEST_CASE("a PGM pixel is the float nearest to value / white") {
  const auto dark = read("P5 2 1 7\n", {7, 3}).image(0);
  CHECK(dark.data()[0] == 1.0F);
  CHECK(dark.data()[1] == 3.0F / 7.0F);
  const auto deep = read("P5 3 1 65535\n", {255, 255, 1, 0, 0, 1}).image(0);
  CHECK(deep.data()[0] == 1.0F);
  CHECK(deep.data()[1] == 256.0F / 65535.0F);
  CHECK(deep.data()[2] == 1.0F / 65535.0F);
}

TEST_CASE("a file that is no binary PGM picture is refused and the defect named") {
  CHECK(pgm_defect("P5 1 1 255\n", {1}) == "none");
  CHECK_THAT(pgm_defect(""), ContainsText("truncated"));
  CHECK_THAT(pgm_defect("GIF89a"), ContainsText("not a PGM"));
  CHECK_THAT(pgm_defect("P2 1 1 255\n1\n"), ContainsText("plain text"));
  CHECK_THAT(pgm_defect("P6 1 1 255\n", {1, 2, 3}), ContainsText("in colour"));
  CHECK_THAT(pgm_defect("P51 1 255\n", {1}), ContainsText("white space must follow P5"));
  CHECK_THAT(pgm_defect("P5 x 1 255\n", {1}), ContainsText("no width"));
  CHECK_THAT(pgm_defect("P5 -1 1 255\n", {1}), ContainsText("no width"));
  CHECK_THAT(pgm_defect("P5 0 1 255\n", {1}), ContainsText("its width is 0"));
  CHECK_THAT(pgm_defect("P5 1 1 0\n", {1}), ContainsText("value of white is 0"));
  CHECK_THAT(pgm_defect("P5 1 1 65536\n", {1, 2}), ContainsText("white is 65536"));
  CHECK_THAT(pgm_defect("P5 1 1 255x", {1}), ContainsText("white space must follow"));
  CHECK_THAT(pgm_defect("P5 99999999999999999999 1 255\n", {1}), ContainsText("beyond 2^30"));
  CHECK_THAT(pgm_defect("P5 1000000000 1000000000 255\n", {1}), ContainsText("truncated"));
  CHECK_THAT(pgm_defect("P5 2 1 255\n", {1}), ContainsText("truncated"));
  CHECK_THAT(pgm_defect("P5 1 1 255\n", {1, 2}), ContainsText("more follow"));
  CHECK_THAT(pgm_defect("P5 2 1 100\n", {100, 101}),
             ContainsText("pixel 1 is 101, and white is 100"));
  CHECK_THAT(pgm_defect("P5 # no end"), ContainsText("truncated"));
}
