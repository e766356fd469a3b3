// Schedule strings: each form of the grammar against values worked by hand or computed in Python
// from the definition of the original's lists (17 digits).
#include "gloro/wording/schedule.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"

using gloro::ArgumentError;
using gloro::Index;
using gloro::read_schedule;
using gloro::Schedule;

namespace {

// Values here are within a few roundings of exact: 1e-13 relative is far above that, and far below
// any difference between two schedules.
void check(const Schedule& schedule, Index epochs, const std::vector<double>& expected) {
  for (std::size_t e = 0; e < expected.size(); ++e) {
    INFO(schedule.text() << ", epoch " << e << " of " << epochs);
    CHECK(schedule.epoch_value(static_cast<Index>(e), epochs) ==
          Approx(expected[e]).epsilon(1e-13).margin(1e-15));
  }
}

void check(const Schedule& left, const Schedule& right) {
  for (const Index epochs : {1, 2, 3, 7, 100})
    for (Index e = 0; e < epochs + 2; ++e) {
      INFO(left.text() << " and " << right.text() << ", epoch " << e << " of " << epochs);
      CHECK(left.epoch_value(e, epochs) == right.epoch_value(e, epochs));
    }
}

}  // namespace

TEST_CASE("A number is a schedule that stays there") {
  const Schedule schedule = 0.3;
  for (const double epoch : {0.0, 0.5, 3.0, 9.99, 10.0, 50.0}) CHECK(schedule.at(epoch, 10) == 0.3);
  CHECK((2.0 * read_schedule("fixed") * 0.25).at(0, 1) == 0.5);
}

TEST_CASE("Each transition of the grammar takes the values of the original") {
  check(read_schedule("[0]-[1]"), 4, {0, 0.25, 0.5, 0.75, 0.75, 0.75});
  check(read_schedule("[1.]-exp-[0.0001]"), 4, {1, 0.1, 0.01, 0.001, 0.001});
  check(read_schedule("[1]-cos-[0]"), 5,
        {1, 0.90450849718747373, 0.65450849718747373, 0.34549150281252633, 0.095491502812526330});
  // The logarithmic curve depends on the base: the logarithm of a line from exp(.003) to exp(.3).
  check(read_schedule("[0.01]-log-[1.]") * 0.3, 4,
        {0.003, 0.085919020834732559, 0.16248583658394708, 0.23360482631246826});
  check(read_schedule("[1][50%:0.1][75%:0.01]"), 8, {1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.01});
  check(read_schedule("[1][2:0.1][7:0.01]"), 8, {1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01});
  check(read_schedule("[1][0.5]"), 3, {1, 1, 1, 0.5});  // the end is not reached within the run
  check(read_schedule("[0.25]"), 3, {0.25, 0.25, 0.25});
}

TEST_CASE("Published schedules take the values of the original") {
  const Schedule epsilon = read_schedule("[0.01]-log-[50%:1.1]") * 1.58;
  CHECK(epsilon.epoch_value(0, 300) == Approx(0.0158).epsilon(1e-13));
  CHECK(epsilon.epoch_value(1, 300) == Approx(0.045985324067611494).epsilon(1e-13));
  CHECK(epsilon.epoch_value(75, 300) == Approx(1.2092417395123691).epsilon(1e-13));
  for (const Index epoch : {149, 150, 299})  // the list ends after 150 epochs and repeats its last
    CHECK(epsilon.epoch_value(epoch, 300) == Approx(1.7325094386529312).epsilon(1e-13));

  const Schedule half = read_schedule("logarithmic_half") * (0.141 * 1.1);
  CHECK(half.epoch_value(1, 800) == Approx(0.001965826242704048).epsilon(1e-12));
  CHECK(half.epoch_value(399, 800) == Approx(0.15474408351396887).epsilon(1e-13));
  CHECK(half.epoch_value(400, 800) == Approx(0.1551).epsilon(1e-13));
  CHECK(half.epoch_value(799, 800) == Approx(0.1551).epsilon(1e-13));

  for (const auto* text : {"decay_after_half_to_0.000001", "decay_to_0.000001_after_half"}) {
    const Schedule rate = read_schedule(text) * 1e-3;
    CHECK(rate.epoch_value(0, 300) == 1e-3);
    CHECK(rate.epoch_value(150, 300) == 1e-3);
    CHECK(rate.epoch_value(151, 300) == Approx(0.000954992586021436).epsilon(1e-13));
    CHECK(rate.epoch_value(225, 300) == Approx(3.16227766016838e-05).epsilon(1e-13));
    CHECK(rate.epoch_value(299, 300) == Approx(1.0471285480509004e-06).epsilon(1e-13));
  }
}

TEST_CASE("Names stand for their sections") {
  check(read_schedule("linear"), read_schedule("[0.]-[1.]"));
  check(read_schedule("linear_half"), read_schedule("[0.]-[50%:1.]-[1.]"));
  check(read_schedule("linear_decay"), read_schedule("[1.]-[0.]"));
  check(read_schedule("linear_decay_after_half"), read_schedule("[1.]-[50%:1.]-[0.]"));
  check(read_schedule("logarithmic"), read_schedule("[0.01]-log-[1.]"));
  check(read_schedule("logarithmic_half"), read_schedule("[0.01]-log-[50%:1.]-[1.]"));
  check(read_schedule("decay"), read_schedule("[1.]-exp-[0.001]"));
  check(read_schedule("decay_after_half"), read_schedule("[1.]-[50%:1.]-exp-[0.001]"));
  check(read_schedule("cos"), read_schedule("[1.]-cos-[0.]"));
  check(read_schedule("cos_after_half"), read_schedule("[1.]-[50%:1.]-cos-[0.]"));
}

TEST_CASE("Names with a number take it as absolute, whatever the base") {
  check(read_schedule("linear_from_0.5") * 2, 4, {0.5, 0.875, 1.25, 1.625});
  check(read_schedule("linear_half_from_0.5") * 2, 4, {0.5, 1.25, 2, 2});
  check(read_schedule("decay_to_0.0001") * 1, 4, {1, 0.1, 0.01, 0.001});
  check(read_schedule("decay_to_1e-4") * 1e-2, 2, {1e-2, 1e-3});
  check(read_schedule("decay_after_half_to_0.01"), 4, {1, 1, 1, 0.1});
  check(read_schedule("decay_to_0.01_after_half"), 4, {1, 1, 1, 0.1});
  check(read_schedule("decay_until_half_to_0.02") * 2, 4, {2, 0.2, 0.02, 0.02});
  check(read_schedule("[1]-exp-[=0.0001]") * 10, 5, {10, 1, 0.1, 0.01, 0.001});
}

TEST_CASE("half_N_times halves at the end of each period") {
  check(read_schedule("half_2_times") * 8, 6, {8, 8, 4, 4, 4, 2, 2, 2, 1});
  check(read_schedule("half_3_times"), 7,
        {1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125});        // period 2, not 7/3
  check(read_schedule("half_5_times"), 2, {0.5, 0.25});  // shorter than N epochs: every epoch
}

TEST_CASE("Sections of several kinds follow one another") {
  // 29 % of 7 epochs is 2.03: sections begin at 0, 2, 5 and 7.
  check(read_schedule("[2]-[29%:.5]-exp-[5:.1]-cos-[1]"), 7,
        {2, 1.25, 0.5, 0.29240177382128660, 0.17099759466766970, 0.1, 0.55, 0.55});
  // A first section with a time holds its value until then.
  check(read_schedule("[2:1]-[0]"), 6, {1, 1, 1, 0.75, 0.5, 0.25});
  // 29 % of 100 is 28.999999999999996 in floating point: epoch 28, as Python's int() has it.
  CHECK(read_schedule("[0][29%:1]").epoch_value(27, 100) == 0);
  CHECK(read_schedule("[0][29%:1]").epoch_value(28, 100) == 1);
  CHECK(read_schedule("[0]-[200:1]").epoch_value(99, 100) ==
        Approx(99.0 / 200));  // longer than the run
}

TEST_CASE("A run of one epoch has a value") {
  CHECK(read_schedule("[0.01]-log-[50%:1.1]").at(0.5, 1) == 1.1);  // the section before is empty
  CHECK(read_schedule("linear").at(0.5, 1) == 0);
  CHECK(read_schedule("cos").at(0, 1) == 1);
  CHECK(read_schedule("decay_to_0.1_after_half").at(0, 1) == Approx(1).epsilon(1e-15));
  CHECK(read_schedule("half_5_times").epoch_value(0, 1) == 0.5);
}

TEST_CASE("Within an epoch the value moves from the previous epoch's to its own") {
  const Schedule schedule = read_schedule("[0]-[1]");  // epochs 0, .25, .5, .75
  CHECK(schedule.at(0.0, 4) == 0);
  CHECK(schedule.at(0.9, 4) == 0);
  CHECK(schedule.at(1.0, 4) == 0);
  CHECK(schedule.at(1.5, 4) == 0.125);
  CHECK(schedule.at(3.5, 4) == 0.625);
  CHECK(schedule.at(4.0, 4) == 0.75);
  CHECK(schedule.at(9.5, 4) == 0.75);
}

TEST_CASE("A schedule can be written down and read again") {
  const Schedule schedule = read_schedule("decay_to_0.000001_after_half") * 0.003;
  CHECK(read_schedule(schedule.text()) == schedule);
  for (const char* const text :
       {"fixed", "[=0.5]", "[2:1]-[0]", "[0%:1]-[100:0.5]", "[1][30:0.5][50%:=1e-9]-exp-[0.1]",
        "[0]-[100%:1]-log-[3]", "[0.1]-cos-[33.3%:0.7]-[200%:1]", "half_5_times",
        "linear_from_0.5"})
    for (const double base : {1.0, 0.30000000000000004, 1e-300}) {
      CAPTURE(text, base);
      const Schedule read = read_schedule(text) * base;
      CHECK(read_schedule(read.text()) == read);
    }
}

TEST_CASE("A large base does not overflow the logarithmic curve") {
  const Schedule schedule = read_schedule("[0.01]-log-[1]") * 1e5;
  CHECK(schedule.epoch_value(0, 10) == Approx(1e3));
  // exp(1e5) / 10 towers over exp(1e3): log of it is 1e5 - log(10).
  CHECK(schedule.epoch_value(1, 10) == Approx(1e5 - 2.302585092994046).epsilon(1e-13));
}

TEST_CASE("Malformed schedules are refused with the text, the place and what was expected") {
  const auto refuses = [](const char* text, const std::string& expected) {
    INFO(text);
    CHECK_THROWS_AS(read_schedule(text), ArgumentError);
    CHECK_THROWS_WITH(read_schedule(text), ContainsText(gloro::message("schedule \"", text, '"')));
    CHECK_THROWS_WITH(read_schedule(text), ContainsText(expected));
  };
  refuses("", "a name such as");
  refuses("lineer", "a name such as");
  refuses("log", "got \"log\"");
  refuses("0.3", "a section such as [0.5]");
  refuses("[0.1", "a closing ], got \"[0.1\"");
  refuses("[0.1]-", "a section [time:value]");
  refuses("[0.1]-]", "a transition");
  refuses("[0.1]-lgo-[1]", "none before the next section, got \"-lgo-[1]\"");
  refuses("[0.1] - [1]", "a transition");
  refuses("[0.1]-[0.5]-[1]", "[time:value], between the first and the last, got \"[0.5]\"");
  refuses("[0.1]-[x%:0.5]-[1]", "got \"x\"");
  refuses("[0.1]-[-5%:0.5]-[1]", "a share >= 0%");
  refuses("[0.1]-[2.5:0.5]-[1]", "a whole epoch >= 0 in [2.5:0.5], got \"2.5\"");
  refuses("[0.1]-[:0.5]-[1]", "got the end");
  refuses("[]", "a number in []");
  refuses("[abc]-[1]", "a number in [abc], got \"abc\"");
  refuses("[1 2]-[1]", "got \"1 2\"");
  refuses("[nan]-[1]", "a number");
  refuses("[1e999]-[1]", "a number");
  refuses("[0]-exp-[1]", "values > 0 on both sides of -exp-");
  refuses("decay_to_", "a number after decay_to_");
  refuses("decay_to_0", "values > 0");
  refuses("decay_to_-1", "a number >= 0 in [=-1]");
  refuses("[-1]", "a number >= 0 in [-1], got \"-1\"");
  refuses("[1]-[50%:-0.5]-[1]", "a number >= 0");
  refuses("decay_to_x_after_half", "got \"x\"");
  refuses("decay_to_after_half", "got \"after_half\"");
  refuses("half_0_times", "a whole number >= 1");
  refuses("half_2.5_times", "a whole number >= 1");
  refuses("half_x_times", "a count");
  refuses("half_0.1", "a name such as");
  refuses("[1]*", "a number after *, got the end");
  refuses("fixed*x", "got \"x\"");
}

TEST_CASE("A schedule gives no value that is negative or not finite") {
  const auto refuses = [](const Schedule& schedule) {
    INFO(schedule.text() << " times " << schedule.base());
    CHECK_THROWS_AS(schedule.check(10), ArgumentError);
    CHECK_THROWS_AS(schedule.at(5, 10), ArgumentError);
  };
  refuses(std::nan(""));
  refuses(-0.1);
  refuses(std::numeric_limits<double>::infinity());
  refuses(read_schedule("[0]-[1]") * -1);
  refuses(read_schedule("[1e300]-[1]") * 1e10);
  read_schedule("linear_half").check(10);
}

TEST_CASE("A schedule refuses a run that it does not fit") {
  const Schedule mixed = read_schedule("[1]-[30:0.5]-[50%:0.1]-[0]");
  CHECK(mixed.epoch_value(30, 100) == 0.5);
  CHECK_THROWS_WITH(mixed.at(0, 40), ContainsText("section 3 begins at epoch 20 of 40"));
  CHECK_THROWS_AS(mixed.at(-1, 100), ArgumentError);
  CHECK_THROWS_AS(mixed.at(std::nan(""), 100), ArgumentError);
  CHECK_THROWS_AS(mixed.at(0, 0), ArgumentError);
  CHECK_THROWS_WITH((read_schedule("decay_to_0.1") * 0.0).at(0, 10),
                    ContainsText("-exp- needs values > 0"));
}

TEST_CASE("A schedule knows whether it moves and states itself in full") {
  for (const char* const text : {"fixed", "[1]", "[=0.5]"})
    CHECK(read_schedule(text).is_constant());
  CHECK(Schedule(0.3).is_constant());
  for (const char* const text : {"linear", "half_2_times", "[1][30:0.5]", "cos"})
    CHECK_FALSE(read_schedule(text).is_constant());
  CHECK((read_schedule("linear") * 0.30000000000000004).text() == "[0]-[1]*0.30000000000000004");
  CHECK(Schedule(0.3).text() == "[1]*0.3");
}
