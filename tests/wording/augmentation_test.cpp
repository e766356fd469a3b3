// Augmentations in words: recipes and parts, and what is refused.
#include "gloro/wording/augmentation.hpp"

#include "catch.hpp"

using namespace gloro;
using data::Augmentation;

TEST_CASE("names mean what they mean in the gloro package") {
  CHECK(read_augmentation("none") == Augmentation{});
  CHECK(read_augmentation("standard") == Augmentation{.flip = true, .zoom = 0.25});
  CHECK(read_augmentation("no_flip") == Augmentation{.zoom = 0.25});
  CHECK(read_augmentation("all") == Augmentation{.flip = true,
                                                 .saturation = data::FactorRange{0.5, 1.2},
                                                 .contrast = data::FactorRange{0.8, 1.2},
                                                 .zoom = 0.1});
  CHECK(read_augmentation("rs") == Augmentation{.flip = true, .zoom = 0.1, .noise = 0.125});
  CHECK(read_augmentation("rs_no_flip.0.5") == Augmentation{.zoom = 0.1, .noise = 0.5});
}

TEST_CASE("an augmentation can be spelled from parts") {
  CHECK(read_augmentation("flip") == Augmentation{.flip = true});
  CHECK(read_augmentation("flip+crop:4") == Augmentation{.flip = true, .crop = 4});
  CHECK(read_augmentation("zoom:0.2+noise:0.1+contrast:0.5:1") ==
        Augmentation{.contrast = data::FactorRange{0.5, 1}, .zoom = 0.2, .noise = 0.1});
}

TEST_CASE("an augmentation that cannot be understood is refused") {
  for (const char* text : {"",         "mirror",    "flip+",         "+flip",
                           "flip:1",   "crop",      "crop:x",        "crop:-1",
                           "crop:2.5", "crop:1:2",  "zoom:1",        "zoom:0.1x",
                           "noise:",   "noise:nan", "contrast:1",    "contrast:2:1",
                           "rs.",      "rs.x",      "rs_no_flip.-1", "none+flip"})
    CHECK_THROWS_AS(read_augmentation(text), ArgumentError);
  REQUIRE_THROWS_WITH(read_augmentation("flip+turn:3"), ContainsText("turn:3"));
}

TEST_CASE("The text of an augmentation is read back as the same one") {
  for (const char* const text :
       {"none", "standard", "no_flip", "all", "rs", "rs_no_flip.0.3", "flip+crop:4",
        "saturation:0.1:0.3+contrast:0.7:1.3", "zoom:0.1+noise:0.30000000000000004"}) {
    const Augmentation augmentation = read_augmentation(text);
    CHECK(read_augmentation(augmentation.text()) == augmentation);
  }
  CHECK(read_augmentation("noise:0.30000000000000004").text() == "noise:0.30000000000000004");
}
