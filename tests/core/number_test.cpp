#include <locale>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "gloro/core/number.hpp"

using namespace gloro;

TEST_CASE("a number is taken from the front of a text, and the rest is left") {
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
  for (const char* text : {"", " 1", "1 ", "1x", "x1", "1,5", ".", "-"}) {
    INFO(text);
    CHECK_FALSE(to_number(text).has_value());
  }
}

TEST_CASE("a number does not depend on the program's locale") {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
  const auto number = to_number("1234.5");
  std::locale::global(before);
  CHECK(number == 1234.5);
}
