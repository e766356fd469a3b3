#include "gloro/core/decimal.hpp"

#include <limits>

#include "catch.hpp"
#include "foreign_locale.hpp"

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

TEST_CASE("A radius has the same digits in every locale") {
  const auto all = [] {
    return decimal_down(1.149617910123, 9) + ' ' + decimal_down(1234.5, 5) + ' ' +
           decimal_down(0.000123, 3) + ' ' + decimal_down(12345.5, 0);
  };
  const std::string expected = "1.149617910 1234.50000 0.000123 12345";
  CHECK(all() == expected);
  {
    const foreign_locale::OfCpp grouping;
    CHECK(all() == expected);
  }
  const foreign_locale::OfC two_bytes;
  CHECK(all() == expected);
}

TEST_CASE("A share in percent is rounded down and what it leaves up") {
  CHECK(gloro::percent_down(2, 3) == "66.66");
  CHECK(gloro::percent_rest(2, 3) == "33.34");
  CHECK(gloro::percent_down(9999999, 10000000) == "99.99");
  CHECK(gloro::percent_down(5, 5) == "100.00");
  CHECK(gloro::percent_down(1, 2000) == "0.05");
  CHECK(gloro::percent_rest(0, 7) == "100.00");
}
