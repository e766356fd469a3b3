// Shape: sizes that cannot be represented are refused, never wrapped around.
#include "catch.hpp"

#include <limits>
#include <sstream>

#include "gloro/core/shape.hpp"

using gloro::checked_product;
using gloro::Index;
using gloro::Shape;
using gloro::ShapeError;

TEST_CASE("A shape's size is the product of its extents") {
  CHECK(Shape{28, 28, 1}.size() == 784);
  CHECK(Shape{4, 3, 5}.size() == 60);
  CHECK(Shape{0, 3, 5}.size() == 0);
  CHECK(Shape::flat(7).size() == 7);
  CHECK(Shape::flat(7).is_flat());
  CHECK_FALSE(Shape{1, 2, 7}.is_flat());
}

TEST_CASE("A product of extents is exact up to the largest Index, and refused beyond") {
  constexpr Index most = std::numeric_limits<Index>::max();
  CHECK(checked_product(most, 1) == most);
  CHECK(checked_product(1, most) == most);
  CHECK(checked_product(most, 0) == 0);
  CHECK(checked_product(0, most) == 0);
  CHECK(checked_product(most / 2, 2) == most - 1);
  CHECK_THROWS_AS(checked_product(most / 2 + 1, 2), ShapeError);
  CHECK_THROWS_AS(checked_product(most / 2 + 1, most / 2 + 1), ShapeError);
  CHECK_THROWS_AS(checked_product(-1, 3), ShapeError);
  CHECK_THROWS_AS(checked_product(3, -1), ShapeError);
}

TEST_CASE("Parts of a count follow each other, differ by one at most, and fill it, in any Index") {
  for (const Index count : {0, 1, 7, 1 << 16})
    for (const Index parts : {1, 3, 1 << 15}) {
      CHECK(gloro::part_begin(count, 0, parts) == 0);
      CHECK(gloro::part_begin(count, parts, parts) == count);
      for (Index i = 0; i < parts; i += 1 + parts / 50) {
        const Index size =
            gloro::part_begin(count, i + 1, parts) - gloro::part_begin(count, i, parts);
        CHECK((size == count / parts || size == count / parts + 1));
      }
    }
}

TEST_CASE("A sum of sizes is exact up to the largest Index, and refused beyond") {
  constexpr Index most = std::numeric_limits<Index>::max();
  CHECK(gloro::checked_sum(most - 1, 1) == most);
  CHECK(gloro::checked_sum(0, most) == most);
  CHECK_THROWS_AS(gloro::checked_sum(most, 1), ShapeError);
  CHECK_THROWS_AS(gloro::checked_sum(most / 2 + 2, most / 2), ShapeError);
  CHECK_THROWS_AS(gloro::checked_sum(-1, 1), ShapeError);
}

TEST_CASE("A shape whose size overflows is refused") {
  constexpr int bits = std::numeric_limits<Index>::digits;
  constexpr Index half = Index{1} << bits / 2, third = Index{1} << (bits / 3 + 1);
  CHECK_THROWS_AS((Shape{half, half, 2}.size()), ShapeError);
  CHECK_THROWS_AS((Shape{third, third, third}.size()), ShapeError);
  CHECK_THROWS_AS((Shape{-2, -2, 1}.size()), ShapeError);
}

TEST_CASE("A shape reads height x width x channels") {
  std::ostringstream text;
  text << Shape{28, 14, 3};
  CHECK(text.str() == "28x14x3");
}
