#include "gloro/io/decimal.hpp"

#include <limits>

#include "catch.hpp"

using gloro::decimal_down;

TEST_CASE("A number as text is never above the number") {
  CHECK(decimal_down(0.3, 2) == "0.29");  // the double is 0.299999999999999988...
  CHECK(decimal_down(0.1, 2) == "0.10");  // and this one 0.1000000000000000055...
  CHECK(decimal_down(0.3) == "0.299999999");
  CHECK(decimal_down(1.999999, 2) == "1.99");
  CHECK(decimal_down(98.765, 1) == "98.7");
  CHECK(decimal_down(12345.5, 0) == "12345");
  CHECK(decimal_down(100, 2) == "100.00");
}

TEST_CASE("A small number keeps its digits, and only zero is printed as zero") {
  CHECK(decimal_down(0) == "0.000000000");
  CHECK(decimal_down(0x1p-20, 4) == "0.0000009536");  // 9.5367431640625e-07
  const std::string least = decimal_down(std::numeric_limits<double>::denorm_min(), 3);
  CHECK(least.size() == 328);
  CHECK(least.ends_with("00494"));
}

TEST_CASE("What is no radius is not printed as one") {
  CHECK(decimal_down(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(decimal_down(std::numeric_limits<double>::max(), 1).size() == 311);
  CHECK_THROWS_AS(decimal_down(-1), gloro::ArgumentError);
  CHECK_THROWS_AS(decimal_down(std::numeric_limits<double>::quiet_NaN()), gloro::ArgumentError);
}
