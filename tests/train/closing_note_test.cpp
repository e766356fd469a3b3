// The closing note: each sentence where the epochs call for it, and not where chance could be the reason.
#include "catch.hpp"

#include <string>
#include <vector>

#include "gloro/train/closing_note.hpp"

using namespace gloro;

namespace {

/// 10,000 images of each kind, so many of a hundred certified and right.
EpochReport report(Index epoch, int train, int test, double lipschitz = 2, int clean = 99) {
  const auto metrics = [clean](int vra) {
    return Metrics{
        .samples = 10000, .right = 100 * clean, .answered = 10000, .right_and_answered = 100 * vra};
  };
  return {.last = {.epoch = epoch, .epochs = 3, .epsilon = 0.5, .train = metrics(train)},
          .test = metrics(test),
          .lipschitz = {lipschitz, 3}};
}

std::string note(const std::vector<EpochReport>& reports, double test_epsilon = 0.5) {
  std::string all;
  for (const std::string& line : closing_note(reports, test_epsilon)) all += line + '\n';
  return all;
}

}  // namespace

TEST_CASE("A run without an epoch leaves nothing to say") { CHECK(closing_note({}, 0.5).empty()); }

TEST_CASE("Training images that are certified far better than test images are told of") {
  const std::string text = note({report(0, 60, 60), report(1, 97, 90)});
  CHECK_THAT(text, ContainsText("VRA ~97.0 % on training images (eps 0.5), ~90.0 % on test") &&
                       ContainsText("augmentation or weight decay"));
  CHECK_THAT(note({report(0, 80, 80), report(1, 90, 90)}), ContainsText("a larger network"));
}

TEST_CASE(
    "A run that ended before its eps came near the test's is not told that it fits too closely") {
  const std::string text = note({report(0, 97, 60)}, 1);
  CHECK_THAT(text, ContainsText("eps was 0.5 at the end and never 1") &&
                       ContainsText("(VRA ~60.0 %)") && !ContainsText("augmentation"));
  CHECK_THAT(note({report(0, 97, 60)}, 0.55), ContainsText("augmentation"));
}

TEST_CASE("A run that leaves little to gain is told to be one") {
  CHECK_THAT(note({report(0, 100, 100)}), ContainsText("little is left to gain"));
}

TEST_CASE("Answers that are right and not certified are told of") {
  CHECK_THAT(note({report(0, 2, 2)}), ContainsText("the bound is too large for the radius"));
}

TEST_CASE("A best epoch before the last and a rise at the end are told of") {
  CHECK_THAT(note({report(0, 70, 70), report(1, 90, 90), report(2, 80, 80)}),
             ContainsText("was best after epoch 2 (~90.0 %), 10.0 % above the end"));
  CHECK_THAT(note({report(0, 70, 70), report(1, 80, 80)}),
             ContainsText("still rose at the end, by 10.0 % in the last epoch"));
  const std::string level = note({report(0, 80, 80), report(1, 81, 81)});  // within chance
  CHECK_THAT(level, !ContainsText("still rose") && !ContainsText("was best"));
}

TEST_CASE("K is told of from its beginning to its end") {
  CHECK_THAT(note({report(0, 70, 70, 4), report(1, 70, 70, 50), report(2, 70, 70, 8)}),
             ContainsText("12 after the first epoch, 150 at most (epoch 2), 24 at the end"));
}
