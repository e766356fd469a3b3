#include <gloro/gloro.hpp>
#include "catch.hpp"
TEST_CASE("Throwaway, with a comma [and bracket]") { CHECK(gloro::Shape::flat(3).size() == 3); }
TEST_CASE("Hidden", "[.]") { CHECK(false); }
