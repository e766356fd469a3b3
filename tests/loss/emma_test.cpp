// EMMA: values worked by hand, derivatives by central differences.
#include "catch.hpp"

#include <cmath>

#include "gloro/loss/emma.hpp"
#include "loss/losses.hpp"

using namespace losses;

TEMPLATE_TEST_CASE("EMMA raises each rival just far enough to catch up, at most by eps", "", float,
                   double) {
  // True class 0 with logit 1 and K = 8: rival 1 is 1 behind, needs 1/8; rival 2 is 4 behind and
  // needs 1/2, more than eps = 1/4; rival 3 leads by 1 and is raised by the least, 0.004 eps.
  const auto batch = one_sample<TestType>({1, 0, -3, 2}, 0, 8);
  const Slopes<TestType> slopes(batch, Emma{.smallest = 0.004});
  const double least = 0.004 * 0.25;
  const double raised[4] = {1, 1, -1, 2 + 8 * least};
  double sum = 0;
  for (const double y : raised) sum += std::exp(y);
  CHECK(slopes.value == Approx(std::log(sum) - 1));
  const double far[4] = {0, 0.125, 0.25, least};
  for (Index i = 0; i < 4; ++i) {
    const double share = std::exp(raised[i]) / sum;
    CHECK(static_cast<double>(slopes.logits.data()[i]) == Approx(share - (i == 0)));
    CHECK(static_cast<double>(slopes.terms.margin_constants(0, i)) ==
          Approx(far[i] * share * (i != 0)).margin(1e-12));
  }
  CHECK(slopes.terms.margin_constants.bottomRows(3).isZero(0));
}

TEST_CASE("EMMA with rivals that need not move, or have no margin, is finite") {
  // K = 0: no distance catches up; the raise is zero whatever the distance.
  CHECK(one_sample<double>({1, 0}, 0, 0).value(Emma{}) == Approx(std::log1p(std::exp(-1.0))));
  auto batch = one_sample<double>({1, 0}, 0, 3);
  batch.epsilon = 0;
  CHECK(batch.value(Emma{}) == Approx(std::log1p(std::exp(-1.0))));
}

TEST_CASE("EMMA has the derivatives that it gives, its distances held fixed") {
  // A fixed distance is had where each rival is clipped: all far behind, or ahead, of the truth.
  auto behind = random_batch<double>(4, 6, 2);
  auto ahead = random_batch<double>(4, 6, 3);
  for (Index n = 0; n < 6; ++n) {
    behind.logit(behind.labels[static_cast<std::size_t>(n)], n) = 9;
    ahead.logit(ahead.labels[static_cast<std::size_t>(n)], n) = -9;
  }
  check_slopes(behind, Emma{});
  check_slopes(ahead, Emma{.smallest = 0.1});
}

TEST_CASE("EMMA's slope does not flow through its distances") {
  // Raised to a tie: a loss with free distances would not change with the rival's logit at all.
  const auto batch = one_sample<double>({1, 0.5}, 0, 8);
  const Slopes<double> slopes(batch, Emma{});
  CHECK(slopes.value == Approx(std::log(2.0)));
  CHECK(slopes.logits.data()[1] == Approx(0.5));
}

TEST_CASE("EMMA gives the same in float and double") { check_float(Emma{}, Emma{}); }

TEST_CASE("EMMA refuses labels that name no class, called directly too") {
  check_labels_are_checked(Emma{});
  check_direct_call(Emma{});
}
