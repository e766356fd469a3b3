// utf8_text: what is UTF-8 stays, what is not is spelled out.
#include "catch.hpp"

#include <string>

#include "gloro/core/utf8.hpp"

using gloro::utf8_text;

TEST_CASE("Text that is UTF-8 stays as it is") {
  for (const std::string text :
       {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"})
    CHECK(utf8_text(text) == text);
}

TEST_CASE("Bytes that are no UTF-8 are spelled out") {
  CHECK(utf8_text("caf\xe9.st") == "caf\\xE9.st");
  CHECK(utf8_text("\xc3") == "\\xC3");
  CHECK(utf8_text("\xe2\x82z") == "\\xE2\\x82z");
  CHECK(utf8_text("\x80\xff") == "\\x80\\xFF");
  CHECK(utf8_text("\xc0\xaf") == "\\xC0\\xAF");                    // overlong
  CHECK(utf8_text("\xe0\x9f\xbf") == "\\xE0\\x9F\\xBF");           // overlong
  CHECK(utf8_text("\xed\xa0\x80") == "\\xED\\xA0\\x80");           // a surrogate
  CHECK(utf8_text("\xf4\x90\x80\x80") == "\\xF4\\x90\\x80\\x80");  // beyond Unicode
  CHECK(utf8_text("\xf5\x80\x80\x80") == "\\xF5\\x80\\x80\\x80");
}
