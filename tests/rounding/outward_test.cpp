// The arithmetic of error bounds against exact residuals: fma gives the sign of a product's error.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/random.hpp"
#include "gloro/rounding/outward.hpp"

using namespace gloro;
using namespace gloro::rounding;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr double largest = std::numeric_limits<double>::max();
constexpr double denormal = std::numeric_limits<double>::denorm_min();

/// Numbers of all magnitudes whose products and quotients stay normal.
double any_number(Random& random) {
  return std::ldexp(random.normal(), static_cast<int>(random.below(400)) - 200);
}

}  // namespace

TEST_CASE("rounding up goes to the next number") {
  CHECK(round_up(1) == 1 + std::numeric_limits<double>::epsilon());
  CHECK(round_up(-1) == -1 + std::numeric_limits<double>::epsilon() / 2);
  CHECK(round_down(1) == 1 - std::numeric_limits<double>::epsilon() / 2);
  CHECK(round_up(largest) == infinity);
  CHECK(round_up(infinity) == infinity);
  CHECK(round_down(infinity) == largest);
}

TEST_CASE("rounding leaves the denormal range outward, so that flushing cannot undo it") {
  for (const double x : {0.0, denormal, underflow_unit / 2}) {
    CHECK(round_up(x) == underflow_unit);
    CHECK(round_up(-x - denormal) == 0);
    CHECK(round_down(-x) == -underflow_unit);
    CHECK(round_down(x + denormal) == 0);
  }
}

TEST_CASE("NaN is rounded to the side that certifies nothing") {
  CHECK(round_up(none) == infinity);
  CHECK(round_down(none) == -infinity);
  for (const double x : {0.0, 1.0, infinity, none}) {
    CHECK(add_up(none, x) == infinity);
    CHECK(add_up(x, none) == infinity);
    CHECK(mul_up(none, x) == infinity);
    CHECK(mul_up(x, none) == infinity);
    CHECK(div_up(none, x) == infinity);
    CHECK(div_up(x, none) == infinity);
    CHECK(add_down(x, none) == -infinity);
    CHECK(mul_down(x, none) == -infinity);
    CHECK(div_down(none, x) == -infinity);
    CHECK(scale_up(none, 1) == infinity);
  }
  CHECK(sqrt_up(none) == infinity);
  CHECK(sqrt_up(-1) == infinity);
  CHECK(sqrt_down(-1) == -infinity);
  CHECK(add_up(infinity, -infinity) == infinity);
  CHECK(mul_up(0, infinity) == infinity);
  CHECK(mul_down(0, infinity) == -infinity);
  CHECK(div_up(0, 0) == infinity);
}

TEST_CASE("zero stays zero where the result is exact") {
  CHECK(add_up(0, 0) == 0);
  CHECK(add_up(0, 0.1) == 0.1);
  CHECK(add_down(0.1, 0) == 0.1);
  CHECK(mul_up(0, 5) == 0);
  CHECK(mul_down(5, 0) == 0);
  CHECK(div_up(0, 3) == 0);
  CHECK(sqrt_up(0) == 0);
  CHECK(scale_up(0, 2000) == 0);
}

TEST_CASE("rounded sums, products, quotients and roots enclose the real ones, tightly") {
  Random random(1);
  const double two_steps = 2 * std::numeric_limits<double>::epsilon();
  for (int i = 0; i < 5000; ++i) {
    const double a = any_number(random), b = any_number(random);

    const double sum = a + b;  // two-sum: the exact error of the rounded sum
    const double tail = sum - a;
    const double error = (a - (sum - tail)) + (b - tail);
    CHECK(add_up(a, b) - sum >= error);
    CHECK(add_down(a, b) - sum <= error);

    CHECK(std::fma(a, b, -mul_up(a, b)) <= 0);
    CHECK(std::fma(a, b, -mul_down(a, b)) >= 0);
    CHECK(mul_up(a, b) - mul_down(a, b) <= two_steps * std::abs(a * b));

    const double m = std::abs(a), n = std::abs(b);
    CHECK(std::fma(div_up(m, n), n, -m) >= 0);
    CHECK(std::fma(div_down(m, n), n, -m) <= 0);
    CHECK(div_up(m, n) - div_down(m, n) <= two_steps * (m / n));

    CHECK(std::fma(sqrt_up(m), sqrt_up(m), -m) >= 0);
    CHECK(std::fma(sqrt_down(m), sqrt_down(m), -m) <= 0);
  }
}

TEST_CASE("a product that underflows does not become zero") {
  CHECK(mul_up(1e-200, 1e-200) > 0);
  CHECK(scale_up(1e-300, -100) > 0);
  // Three norms whose product is 0 in float, and 1e-12 in truth.
  const double product = mul_up(mul_up(1e-25, 1e-25), 1e38);
  CHECK(product >= 1e-12);
  CHECK(product <= 1.0000001e-12);
}

TEST_CASE("scaling by a power of two is exact") {
  CHECK(scale_up(3, 5) == 96);
  CHECK(scale_up(0.1, -3) == 0.1 / 8);
  CHECK(scale_up(1, 2000) == infinity);
}

TEST_CASE("gamma is never below n u / (1 - n u)") {
  CHECK(unit_roundoff<float>() == 0x1p-24);
  CHECK(unit_roundoff<double>() == 0x1p-53);
  for (const double n : {1.0, 2.0, 3.0, 1000.0, 1e6, 16777215.0}) {
    const double bound = gamma(n, unit_roundoff<float>());
    const double exact = n / (0x1p24 - n);  // one rounding
    CHECK(bound >= exact);
    CHECK(bound <= exact * (1 + 1e-8));  // 1 - n u has few bits left where n u is almost 1
  }
  CHECK(gamma(0, unit_roundoff<float>()) == 0);
  CHECK(gamma(0x1p24, unit_roundoff<float>()) == infinity);
  CHECK(gamma(0x1p60, unit_roundoff<double>()) == infinity);
  CHECK(gamma(none, unit_roundoff<double>()) == infinity);
}
