#include "gloro/attack/detail/distance.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "gloro/attack/detail/ball.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"

using namespace gloro;
using namespace gloro::attack;

TEST_CASE("a distance is strictly below a radius or it is not: the last bit decides") {
  const double a[2] = {3, 4}, b[2] = {0, 0};
  CHECK(distance(a, b, 2) == 5);
  CHECK_FALSE(is_closer(a, b, 2, 5));
  CHECK(is_closer(a, b, 2, std::nextafter(5.0, 6.0)));
  CHECK_FALSE(is_closer(a, b, 2, std::nextafter(5.0, 4.0)));
}

TEST_CASE("a distance is decided where double sums absorb the difference") {
  // 1 + 64 * 2^-56: in double each of the 64 addends is lost, in truth they are 2^-50.
  std::vector<double> a(65, std::ldexp(1.0, -28)), b(65, 0.0);
  a[0] = 1;
  const double truth = 1 + std::ldexp(1.0, -51);  // of the distance, within 2^-101
  CHECK_FALSE(is_closer(a.data(), b.data(), 65, truth - std::ldexp(1.0, -52)));
  CHECK(is_closer(a.data(), b.data(), 65, truth + std::ldexp(1.0, -52)));
}

TEST_CASE(
    "a distance that is exactly the radius is not below it, though double rounds every square") {
  // (3 x, 4 x) is 5 x long, and x has bits enough that none of the squares is a double.
  Random random(3);
  for (int i = 0; i < 1000; ++i) {
    const double x = std::ldexp(std::floor(random.uniform(1, 2) * 0x1p49), -49);
    const double a[2] = {3 * x, 4 * x}, b[2] = {0, 0};
    CHECK_FALSE(is_closer(a, b, 2, 5 * x));
    CHECK(is_closer(a, b, 2, std::nextafter(5 * x, 100.0)));
    CHECK_FALSE(is_closer(a, b, 2, std::nextafter(5 * x, 0.0)));
  }
}

TEST_CASE("a difference that double cannot hold counts in full") {
  const double a[1] = {1}, just_below[1] = {std::ldexp(1.0, -60)};  // 1 - 2^-60 apart
  CHECK(is_closer(a, just_below, 1, 1));
  const double just_above[1] = {-std::ldexp(1.0, -60)};
  CHECK_FALSE(is_closer(a, just_above, 1, 1));
}

TEST_CASE("nothing that is no number is close to anything") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = HUGE_VAL;
  const double zero[1] = {0}, odd[1] = {nan}, far[1] = {inf}, vast[1] = {1e200};
  CHECK_FALSE(is_closer(zero, odd, 1, inf));
  CHECK_FALSE(is_closer(zero, far, 1, inf));
  CHECK_FALSE(is_closer(zero, zero, 1, nan));
  CHECK_FALSE(is_closer(zero, zero, 1, 0));
  CHECK(is_closer(zero, zero, 1, 1e-100));
  CHECK(is_closer(zero, zero, 1, inf));
  CHECK_FALSE(is_closer(zero, vast, 1, 1e300));  // its square overflows: not proved
}

TEST_CASE(
    "projected and drawn points lie in their ball and box, close to its edge if they were out") {
  constexpr Index size = 40;
  const bool has_box = GENERATE(false, true);
  const auto box = has_box ? std::optional(Box{}) : std::nullopt;
  Random random(3);
  std::vector<float> center(size), point(size);
  for (int round = 0; round < 200; ++round) {
    for (float& value : center) value = static_cast<float>(random.uniform());
    const double radius = std::exp(random.uniform(-8, 2));
    const Ball<float> ball(center.data(), size, radius, box);
    ball.draw(point.data(), random);
    REQUIRE(ball.contains(point.data()));
    for (float& value : point) value = static_cast<float>(10 * random.normal());
    ball.project(point.data());
    REQUIRE(ball.contains(point.data()));
    // Half a unit in the last place of values below 8, in each of 40 directions.
    if (!has_box) CHECK(distance(point.data(), center.data(), size) > radius * (1 - 1e-6) - 3e-6);
  }
}

TEST_CASE("a ball without points but its centre projects to the centre") {
  const float center[1] = {1e8F};
  float point[1] = {2e8F};
  const Ball<float> ball(center, 1, 0.5);  // floats are 8 apart there
  ball.project(point);
  CHECK(point[0] == center[0]);
  CHECK(ball.contains(point));
  point[0] = std::nextafter(center[0], 2e8F);
  CHECK_FALSE(ball.contains(point));
}

TEST_CASE("a ball refuses a radius that is none and a centre outside the box") {
  const float center[1] = {2};
  CHECK_THROWS_AS(Ball<float>(center, 1, -1), ArgumentError);
  CHECK_THROWS_AS(Ball<float>(center, 1, HUGE_VAL), ArgumentError);
  CHECK_THROWS_AS(Ball<float>(center, 1, std::nan("")), ArgumentError);
  CHECK_THROWS_AS(Ball<float>(center, 1, 1, Box{}), ArgumentError);
}
