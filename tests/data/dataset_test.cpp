#include "gloro/data/dataset.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"

using namespace gloro;
using data::Dataset;

namespace {

// Sample n holds the bytes 6n, 6n + 1, ..., 6n + 5.
Dataset counting(Index samples, bool labelled = true) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(6 * samples));
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  std::vector<int> labels(labelled ? static_cast<std::size_t>(samples) : 0);
  std::iota(labels.begin(), labels.end(), 0);
  return Dataset("counting", Shape{1, 2, 3}, std::move(bytes), std::move(labels));
}

}  // namespace

TEST_CASE("a byte becomes the float nearest to byte / 255") {
  std::vector<std::uint8_t> bytes(256);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  const Dataset all("all", Shape::flat(256), bytes);
  const auto floats = all.image(0);
  const auto doubles = all.image<double>(0);
  for (int b = 0; b < 256; ++b) {
    // Nearest: both neighbours are further from b / 255, decided in exact integer arithmetic scaled
    // by 255 * 2^40 (every candidate is a multiple of 2^-40 or is 0 exactly for b = 0).
    const float pixel = floats.data()[b];
    const auto distance = [b](float candidate) {
      const auto scaled = static_cast<std::int64_t>(std::ldexp(static_cast<double>(candidate), 40));
      return std::abs(scaled * 255 - (std::int64_t{b} << 40));
    };
    CHECK(distance(pixel) <= distance(std::nextafter(pixel, 2.0F)));
    CHECK(distance(pixel) <= distance(std::nextafter(pixel, -1.0F)));
    CHECK(doubles.data()[b] == static_cast<double>(pixel));
  }
  CHECK(floats.data()[0] == 0.0F);
  CHECK(floats.data()[255] == 1.0F);
}

TEST_CASE("a batch holds the samples asked for, in that order") {
  const Dataset set = counting(5);
  const std::array<Index, 4> which{3, 0, 3, 4};
  const auto batch = set.batch(which);
  REQUIRE(batch.batch() == 4);
  REQUIRE(batch.shape() == Shape{1, 2, 3});
  for (Index n = 0; n < 4; ++n)
    for (Index k = 0; k < 6; ++k)
      CHECK(batch.sample(n)[k] ==
            static_cast<float>(6 * which[static_cast<std::size_t>(n)] + k) / 255.0F);
  CHECK(set.labels(which) == std::vector<int>{3, 0, 3, 4});
}

TEST_CASE("images, one image and a head agree with a batch") {
  const Dataset set = counting(5);
  const std::array<Index, 2> which{2, 3};
  const auto expected = set.batch<double>(which).matrix().eval();
  CHECK(set.images<double>(2, 2).matrix() == expected);
  CHECK(set.image<double>(3).matrix() == expected.col(1));
  const Dataset first = set.head(4);
  CHECK(first.size() == 4);
  CHECK(first.classes() == set.classes());
  CHECK(first.labels() == std::vector<int>{0, 1, 2, 3});
  CHECK(first.images<double>(2, 2).matrix() == expected);
  CHECK(set.head(99).size() == 5);
  CHECK(set.head(0).empty());
  CHECK(set.images(5, 0).batch() == 0);
}

TEST_CASE("pixels of the user's own are taken as they are") {
  const std::vector<float> pixels{-1.5F, 0.1F, 2.0F, 7.0F};
  const Dataset set("own", Shape::flat(2), pixels, {1, 0}, 3);
  CHECK(set.classes() == 3);
  CHECK(set.image(0).data()[0] == -1.5F);
  CHECK(set.image<double>(0).data()[1] == static_cast<double>(0.1F));
  CHECK(set.head(1).image(0).data()[1] == 0.1F);
}

TEST_CASE("pixels in place are read where they lie, bytes and floats") {
  const auto floats = std::make_shared<std::vector<float>>(std::vector<float>{0.5F, 0.25F, 2, 3});
  const Dataset set("own", Shape::flat(2), data::Pixels(std::span<const float>(*floats), floats),
                    {1, 0});
  CHECK(set.size() == 2);
  CHECK(set.image(1).data()[0] == 2);
  CHECK(set.range() == ValueRange{0.25, 3});
  CHECK(set.checksum() == Dataset("copy", Shape::flat(2), *floats, {1, 0}).checksum());
  CHECK(floats.use_count() == 2);  // the images are kept, and not copied
  (*floats)[2] = 4;
  CHECK(set.part(1, 1).image(0).data()[0] == 4);
  const auto bytes = std::make_shared<std::vector<std::uint8_t>>(2, std::uint8_t{51});
  const Dataset dim("dim", Shape::flat(2),
                    data::Pixels(std::span<const std::uint8_t>(*bytes), bytes));
  CHECK(dim.image(0).data()[1] == 0.2F);
}

TEST_CASE("a data set knows its classes by name, and its parts do") {
  const Dataset set = counting(3).with_class_names({"a", "b", "c"}).with_radii({0.5, 1});
  CHECK(set.class_names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(set.head(1).class_names() == set.class_names());
  CHECK(set.head(1).radii() == std::vector<double>{0.5, 1});
  CHECK(counting(3).class_names().empty());
  CHECK_THROWS_WITH(counting(3).with_class_names({"a"}), ContainsText("3 classes, got 1"));
  const Dataset fine =
      Dataset("fine", Shape::flat(1), std::vector<double>{0.1}, {0}).with_class_names({"a"});
  CHECK(fine.rounded().class_names() == fine.class_names());
}

TEST_CASE("no image is rounded unless that is asked for") {
  const Dataset set("fine", Shape::flat(2), std::vector<double>{0.1, 0.5, 0.25, 1.0}, {1, 0}, 3);
  CHECK(set.fits<double>());
  CHECK_FALSE(set.fits<float>());
  CHECK(set.image<double>(0).data()[0] == 0.1);
  CHECK(set.part(1, 1).image<double>(0).data()[0] == 0.25);
  CHECK_THROWS_WITH(set.image(1), ContainsText("fine") && ContainsText("double"));
  CHECK_THROWS_AS(set.batch(std::array{Index{0}}), ArgumentError);
  CHECK_THROWS_AS(set.images(0, 2), ArgumentError);
  const Dataset rounded = set.rounded();
  CHECK(rounded.image(0).data()[0] == 0.1F);
  CHECK(rounded.labels() == set.labels());
  CHECK(rounded.classes() == 3);
  CHECK(rounded.checksum() != set.checksum());
  CHECK(set.part(1, 1).rounded().image<double>(0).data()[1] == 1.0);
  const Dataset far("far", Shape::flat(1), std::vector<double>{1e39});
  CHECK_FALSE(far.fits<float>());
  CHECK_THROWS_WITH(far.rounded(), ContainsText("far") && ContainsText("1e+39"));
}

TEST_CASE("doubles that are floats all of them are kept as floats") {
  const Dataset set("coarse", Shape::flat(2), std::vector<double>{0.5, -0.0, 0x1p-149, 0x1p127});
  CHECK(set.fits<float>());
  CHECK(std::signbit(set.image(0).data()[1]));
  CHECK(set.checksum() ==
        Dataset("coarse", Shape::flat(2), std::vector<float>{0.5F, -0.0F, 0x1p-149F, 0x1p127F})
            .checksum());
}

TEST_CASE("the range is that of the pixels and of bytes that of their unit") {
  CHECK(counting(2).range() == ValueRange{0, 1});
  CHECK(counting(2).outside({0, 1}) == 0);
  const Dataset wide("wide", Shape::flat(2), std::vector<float>{0, 1, -3, 0.5F, 0, 255, 1, 1});
  CHECK(wide.range() == ValueRange{-3, 255});
  CHECK(wide.outside({0, 1}) == 2);
  CHECK(wide.outside({-3, 255}) == 0);
  CHECK(wide.part(3, 1).outside({0, 1}) == 0);
  CHECK(wide.head(0).range() == ValueRange{0, 0});
  const Dataset fine("fine", Shape::flat(1), std::vector<double>{0.1, 1.0 + 0x1p-52, NAN});
  CHECK(fine.outside({0, 1}) == 2);
}

TEST_CASE("a data set without labels says so when asked for one") {
  const Dataset set = counting(2, false);
  CHECK_FALSE(set.has_labels());
  CHECK(set.classes() == 0);
  REQUIRE_THROWS_WITH(set.label(0), ContainsText("counting") && ContainsText("no labels"));
  CHECK_FALSE(set.head(1).has_labels());
}

TEST_CASE("classes are as many as the labels name unless they are given") {
  CHECK(counting(4).classes() == 4);
}

TEST_CASE("samples outside the data set are refused") {
  const Dataset set = counting(3);
  for (const Index i : {Index{-1}, Index{3}}) {
    CHECK_THROWS_AS(set.label(i), ArgumentError);
    CHECK_THROWS_AS(set.image(i), ArgumentError);
    CHECK_THROWS_AS(set.batch(std::array{i}), ArgumentError);
  }
  CHECK_THROWS_AS(set.images(2, 2), ArgumentError);
  CHECK_THROWS_AS(set.images(0, -1), ArgumentError);
  CHECK_THROWS_AS(set.head(-1), ArgumentError);
}

TEST_CASE("values, labels and classes that do not agree are refused") {
  const std::vector<std::uint8_t> six(6);
  REQUIRE_THROWS_WITH(Dataset("odd", Shape::flat(4), six), ContainsText("odd: 6 values"));
  REQUIRE_THROWS_WITH(Dataset("odd", Shape::flat(3), six, {0}), ContainsText("1 labels for 2"));
  REQUIRE_THROWS_WITH(Dataset("odd", Shape::flat(3), six, {0, 2}, 2), ContainsText("label 2"));
  REQUIRE_THROWS_WITH(Dataset("odd", Shape::flat(3), six, {0, -1}), ContainsText("label -1"));
  CHECK_THROWS_AS(Dataset("odd", Shape::flat(0), six), ArgumentError);
  CHECK_THROWS_AS(Dataset("odd", Shape::flat(3), six, {0, 1}, -2), ArgumentError);
}

TEST_CASE("moving a data set copies no image") {
  static_assert(std::is_nothrow_move_constructible_v<Dataset>);
  static_assert(std::is_nothrow_move_assignable_v<Dataset>);
  Dataset set = counting(3);
  const Dataset moved = std::move(set);
  CHECK(moved.size() == 3);
}

TEST_CASE("a data set takes labels and keeps its images and what is known of them") {
  const Dataset bare("set", Shape::flat(2), std::vector<std::uint8_t>{1, 2, 3, 4});
  const Dataset known = bare.with_radii({0.5}).with_labels({2, 0});
  CHECK(known.classes() == 3);
  CHECK(known.radii() == std::vector<double>{0.5});
  CHECK(known.pixels().bytes().data() == bare.pixels().bytes().data());
  CHECK(known.checksum() != bare.checksum());
  const Dataset named = known.with_class_names({"a", "b", "c"});
  CHECK(named.with_labels({1, 1}, 3).class_names() == named.class_names());
  CHECK(named.with_labels({1, 1}, 4).class_names().empty());
  CHECK_THROWS_AS(bare.with_labels({1}), ArgumentError);
  CHECK_THROWS_AS(bare.with_labels({1, 2}, 2), ArgumentError);
}

TEST_CASE("pixels are seen where they lie in the type that they are kept in") {
  const Dataset bytes("b", Shape::flat(1), std::vector<std::uint8_t>{7});
  CHECK(bytes.pixels().bytes().front() == 7);
  CHECK(bytes.pixels().floats().empty());
  const Dataset floats("f", Shape::flat(1), std::vector{0.25});
  CHECK(floats.pixels().floats().front() == 0.25F);
  CHECK(floats.pixels().bytes().empty());
  const Dataset doubles("d", Shape::flat(1), std::vector{0.1});
  CHECK(doubles.pixels().doubles().front() == 0.1);
  CHECK(doubles.pixels().floats().empty());
}
