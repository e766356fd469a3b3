#include <clocale>
#include <cmath>
#include <cstdint>
#include <limits>
#include <locale>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "foreign_locale.hpp"
#include "gloro/core/detail/text_by_stream.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/random.hpp"

using namespace gloro;

TEST_CASE("a number is taken from the front of a text and the rest is left") {
  std::string_view text = "0.25,7e-2]";
  CHECK(take_number(text) == 0.25);
  CHECK(text == ",7e-2]");
  CHECK_FALSE(take_number(text).has_value());
  CHECK(text == ",7e-2]");
  text.remove_prefix(1);
  CHECK(take_number(text) == 0.07);
  CHECK(text == "]");
}

TEST_CASE("a text is a number as a whole or not at all") {
  CHECK(to_number("-1.5e-3") == -1.5e-3);
  CHECK(to_number("7") == 7);
  CHECK(to_number(".5") == 0.5);
  CHECK(to_number("+5.") == 5);
  CHECK(to_number("4.9406564584124654e-324") == std::numeric_limits<double>::denorm_min());
  for (const char* text : {"",
                           " 1",
                           "1 ",
                           "1x",
                           "x1",
                           "1,5",
                           ".",
                           "-",
                           "+",
                           "e5",
                           "1e",
                           "1e+",
                           "0,3",
                           "0.3abc",
                           "1.2.3",
                           "--1",
                           "0x10",
                           "0x1p3",
                           "1e3 ",
                           "\t1",
                           "1\n",
                           "1_000",
                           "1'000",
                           "\xd9\xa1",
                           "0\xd9\xab"
                           "3"}) {
    INFO(text);
    CHECK_FALSE(to_number(text).has_value());
  }
  CHECK_FALSE(to_number(std::string_view("1\0", 2)).has_value());
}

TEST_CASE("what is not finite or beyond double is no number") {
  for (const char* text : {"nan", "NaN", "-nan", "nan(1)", "inf", "-inf", "Infinity", "1e999",
                           "-1e999", "1e-999", "1/0", "0/0", "1e300/1e-300"}) {
    INFO(text);
    CHECK_FALSE(to_number(text).has_value());
  }
}

TEST_CASE("a fraction is the quotient of its two numbers") {
  CHECK(to_number("36/255") == 36.0 / 255.0);
  CHECK(to_number("0.5/-2") == -0.25);
  for (const char* text : {"36/", "/255", "36/255/2", "36 / 255", "36/x", "3//4"}) {
    INFO(text);
    CHECK_FALSE(to_number(text).has_value());
  }
}

TEST_CASE("no minus stands before a zero") {
  CHECK_FALSE(std::signbit(*to_number("-0")));
  CHECK_FALSE(std::signbit(*to_number("-0/5")));
}

TEST_CASE("a whole number is digits that fit the type") {
  CHECK(to_whole<int>("0") == 0);
  CHECK(to_whole<int>("-12") == -12);
  CHECK(to_whole<std::uint64_t>("18446744073709551615") ==
        std::numeric_limits<std::uint64_t>::max());
  for (const char* text :
       {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "2147483648", "99999999999999"}) {
    INFO(text);
    CHECK_FALSE(to_whole<int>(text).has_value());
  }
  CHECK_FALSE(to_whole<std::uint64_t>("-1").has_value());
  CHECK_FALSE(to_whole<std::uint64_t>("18446744073709551616").has_value());
}

TEST_CASE("the text of a number reads back as the same number") {
  CHECK(number_text(0.3) == "0.3");
  CHECK(number_text(0.3F) == "0.3");
  CHECK(number_text(0.2999996) == "0.2999996");
  CHECK(number_text(0.14117647) == "0.14117647");
  CHECK(number_text(std::nan("")) == "nan");
  CHECK(number_text(-std::numeric_limits<double>::infinity()) == "-inf");
  for (const double value : {36.0 / 255.0, 1e-300, 1.0 / 3.0, 123456789.125, 5e-324})
    CHECK(to_number(number_text(value)) == value);
}

TEST_CASE("a fixed number of decimals is rounded to nearest") {
  CHECK(fixed_text(1234.5678, 2) == "1234.57");
  CHECK(fixed_text(-0.25, 1) == "-0.2");
  CHECK(fixed_text(3, 0) == "3");
  CHECK(fixed_text(std::numeric_limits<double>::max(), 3).size() == 313);
}

TEST_CASE("numbers written by a stream have the text of std::to_chars") {
  namespace by_stream = detail::by_stream;
  const auto same = [](double value) {
    INFO(number_text(value));
    CHECK(by_stream::shortest(value) == number_text(value));
    CHECK(by_stream::shortest(static_cast<float>(value)) == number_text(static_cast<float>(value)));
    for (const int digits : {0, 1, 3, 17})
      CHECK(by_stream::general(value, digits) == rounded_text(value, digits));
    for (const int decimals : {0, 2, 7})
      CHECK(by_stream::fixed(value, decimals) == fixed_text(value, decimals));
  };
  const double limits[] = {std::numeric_limits<double>::max(), std::numeric_limits<double>::min(),
                           std::numeric_limits<double>::denorm_min()};
  for (const double value : {0.0, -0.0, 1.0, 0.3, 1e5, 1e22, 1e23, 123456789.125, 100000.0, 1e-5})
    same(value);
  for (const double value : limits) same(-value);
  same(-std::numeric_limits<double>::infinity());
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    same(random.normal());
    same(std::ldexp(random.normal(), static_cast<int>(random.below(600)) - 300));
    same(static_cast<double>(random.below(1'000'000)) / 1000);
  }
}

TEST_CASE("numbers do not depend on the locales of C and C++") {
  const auto all = [] {
    return number_text(1234.5) + ' ' + fixed_text(1234.5, 2) + ' ' +
           message("of ", 1234567, ' ', 0.5) + ' ' + number_text(to_number("1234.5").value_or(0)) +
           ' ' + number_text(static_cast<double>(to_whole<int>("12345").value_or(0)));
  };
  const std::string expected = "1234.5 1234.50 of 1234567 0.5 1234.5 12345";
  CHECK(all() == expected);
  {
    const foreign_locale::OfCpp grouping;
    CHECK(all() == expected);
  }
  const foreign_locale::OfC two_bytes;
  CHECK(all() == expected);
}

TEST_CASE("a message shows all digits of a number") {
  CHECK(message("got ", 0.2999996, " and ", 0.1F) == "got 0.2999996 and 0.1");
}
