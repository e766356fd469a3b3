// Schedules built in C++: the values of each section, against cases worked by hand.
#include "gloro/train/schedule.hpp"

#include <vector>

#include "catch.hpp"

using namespace gloro;

namespace {

void check(const Schedule& schedule, Index epochs, const std::vector<double>& expected) {
  for (std::size_t e = 0; e < expected.size(); ++e) {
    INFO(schedule.text() << ", epoch " << e << " of " << epochs);
    CHECK(schedule.epoch_value(static_cast<Index>(e), epochs) == Approx(expected[e]).margin(1e-15));
  }
}

}  // namespace

TEST_CASE("A schedule is built as it is said") {
  check(0.25, 3, {0.25, 0.25, 0.25});
  check(Schedule::from(0).linear_to(1), 4, {0, 0.25, 0.5, 0.75, 0.75});
  check(Schedule::from(1).exponential_to(absolute(1e-4)) * 1, 4, {1, 0.1, 0.01, 0.001});
  check(Schedule::from(1).exponential_to(absolute(0.0001)) * 10, 5, {10, 1, 0.1, 0.01, 0.001});
  check(Schedule::from(1).cosine_to(0), 4, {1, 0.8535533905932737, 0.5, 0.1464466094067262});
  check(Schedule::from(1).hold_until(percent(50)).exponential_to(0.01), 4, {1, 1, 1, 0.1});
  check(Schedule::from(1).step_to(0.1, at_epoch(2)).step_to(0.01, percent(75)) * 2, 4,
        {2, 2, 0.2, 0.02});
  check(Schedule::from(1, at_epoch(2)).linear_to(0), 6, {1, 1, 1, 0.75, 0.5, 0.25});
  check(Schedule::halved(2) * 8, 6, {8, 8, 4, 4, 4, 2});
  // log((exp(0) + exp(log 3)) / 2) = log 2
  check(Schedule::from(0).logarithmic_to(1.0986122886681098), 2, {0, 0.6931471805599453});
}

TEST_CASE("A schedule says what it is made of") {
  CHECK((Schedule::from(0.01).logarithmic_to(1.1, percent(50)) * 0.3).text() ==
        "[0.01]-log-[50%:1.1]*0.3");
  CHECK(Schedule::from(1).hold_until(percent(50)).exponential_to(absolute(1e-6)).text() ==
        "[1]-[50%:1]-exp-[=1e-06]");
  CHECK(Schedule::from(2, at_epoch(3)).step_to(1, at_epoch(9)).cosine_to(0).text() ==
        "[3:2][9:1]-cos-[0]");
  CHECK((Schedule::halved(5) * 2).text() == "half_5_times*2");
}

TEST_CASE("A schedule refuses moments that are none") {
  CHECK_THROWS_WITH(Schedule::from(1).linear_to(0, at_epoch(-1)), ContainsText("got -1"));
  CHECK_THROWS_AS(Schedule::from(1, percent(-5)), ArgumentError);
  CHECK_THROWS_AS(Schedule::from(1).step_to(0, percent(std::nan(""))), ArgumentError);
  CHECK_THROWS_AS(Schedule::halved(0), ArgumentError);
  CHECK_THROWS_AS(Schedule::halved(2).linear_to(1), ArgumentError);
}
