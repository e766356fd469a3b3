#include "gloro/train/progress.hpp"

#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "foreign_locale.hpp"
#include "screen.hpp"

using namespace gloro;

namespace {

/// What is written about a run of two epochs with VRAs of 80 and 90 %.
std::string shown(int columns, Index epochs = 2) {
  std::ostringstream out;
  ProgressBar bar(out, [columns] { return columns; });
  for (Index epoch = 0; epoch < 2; ++epoch) {
    StepReport step{.epoch = epoch,
                    .epochs = epochs,
                    .steps = 469,
                    .epsilon = 0.2999996,
                    .learning_rate = 1e-3 / 3};
    step.train.samples = 1000;
    step.train.right = 970;
    step.train.right_and_answered = 700;
    step.train.loss = 1234.5;
    for (step.step = 1; step.step <= step.steps; ++step.step) {
      step.seconds = 0.05 * static_cast<double>(step.step);
      bar.step(step);
    }
    EpochReport report{.last = step, .seconds = 23.45, .seconds_left = 3723};
    report.test.samples = 1000;
    report.test.right = 980;
    report.test.right_and_answered = epoch == 0 ? 800 : 900;
    bar.epoch(report);
  }
  return out.str();
}

}  // namespace

TEST_CASE("Each finished epoch keeps a line of its own with its estimated test VRA at any width") {
  for (const int columns : {20, 24, 30, 40, 60, 80, 100, 127, 128, 160, 200}) {
    const std::string bytes = shown(columns);
    INFO(columns << " columns:\n" << bytes);
    const auto lines = screen_after(bytes, static_cast<std::size_t>(columns));
    REQUIRE(lines.size() == 2);
    CHECK_THAT(lines[0], ContainsText("1/2") && ContainsText("vra ~80.00%"));
    CHECK_THAT(lines[1], ContainsText("2/2") && ContainsText("vra ~90.00%"));
    CHECK(lines[1].size() < static_cast<std::size_t>(columns));
  }
}

TEST_CASE("The VRA stands in twenty columns of a run of a million epochs too") {
  const auto lines = screen_after(shown(20, 1000000), 20);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == "2  vra ~90.00%");
}

TEST_CASE("A bar grows while an epoch is under way") {
  const std::string bytes = shown(80);
  const auto fill = [&](const std::string& step) {
    const auto line = bytes.substr(bytes.find(step));
    const auto bar = line.substr(0, line.find(']'));
    return std::count(bar.begin(), bar.end(), '#');
  };
  CHECK(fill("step 1/469") == 0);
  CHECK(fill("step 469/469") > 20);
}

TEST_CASE("A line is rewritten no more often than a person reads") {
  const std::string bytes = shown(80);
  CHECK(std::count(bytes.begin(), bytes.end(), '\r') < 2 * 469);
}

TEST_CASE("Where there is no terminal an epoch is one plain line and nothing else") {
  const std::string line =
      "  loss 1.2345  train clean 97.00%  train vra ~70.00%  test clean 98.00%  test vra ~80.00%  "
      "eps 0.2999996  lr 0.000333  23.4 s  left 1h 2m 3s\n";
  const std::string bytes = shown(0);
  CHECK(bytes.starts_with("epoch 1/2" + line));
  CHECK(bytes.find('\r') == std::string::npos);
  CHECK(std::count(bytes.begin(), bytes.end(), '\n') == 2);

  std::ostringstream out;  // a stream that is not the standard output is no terminal
  ProgressBar bar(out);
  bar.step({.epochs = 1, .step = 1, .steps = 1});
  CHECK(out.str().empty());
}

TEST_CASE("Progress reads the same in every locale") {
  const std::string expected = shown(0);
  {
    const foreign_locale::OfCpp grouping;
    CHECK(shown(0) == expected);
  }
  const foreign_locale::OfC two_bytes;
  CHECK(shown(0) == expected);
}
