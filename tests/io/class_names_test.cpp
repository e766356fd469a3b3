#include "gloro/io/class_names.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "gloro/core/error.hpp"

using namespace gloro;

TEST_CASE("Names of classes go through a model's metadata") {
  ModelMetadata metadata;
  CHECK(class_names_of(metadata, 2).empty());
  set_class_names(metadata, {});
  CHECK(metadata.other.empty());
  const std::vector<std::string> names{"cat \"Tom\"", "d\xc3\xb6g"};
  set_class_names(metadata, names);
  CHECK(class_names_of(metadata, 2) == names);
}

TEST_CASE("Names of classes that are no list of as many texts are refused") {
  ModelMetadata metadata;
  for (const char* text : {"", "3", "{}", R"(["a"])", R"(["a", 2])", R"(["a", "b", "c"])"}) {
    metadata.other["class_names"] = text;
    CHECK_THROWS_AS(class_names_of(metadata, 2), FileError);
  }
}
