// JSON as it is read: to the depth that is allowed, and no deeper.
#include "gloro/io/json.hpp"

#include <nlohmann/json.hpp>

#include <string>

#include "catch.hpp"

using namespace gloro;

TEST_CASE("JSON is read to 48 levels and refused beyond") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + '1' + std::string(levels, ']');
  };
  CHECK(print_json(parse_json(nested(48))) == nested(48));
  CHECK_THROWS_WITH(parse_json(nested(49)), ContainsText("deeper than 48"));
  CHECK_THROWS_WITH(parse_json(std::string(100000, '[')), ContainsText("deeper than 48"));
}

TEST_CASE("A key may come again in another object and not in its own") {
  CHECK(parse_json(R"({"a":{"b":1},"b":{"a":2}})").at("b").at("a") == 2);
  CHECK_THROWS_WITH(parse_json(R"({"a":{"b":1,"b":2}})"), ContainsText("\"b\" comes twice"));
  CHECK_THROWS_WITH(parse_json(R"({"a":[{"b":1}],"a":2})"), ContainsText("\"a\" comes twice"));
}
