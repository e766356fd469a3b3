// The hinge-Kantorovich-Rubinstein loss: values worked by hand, derivatives by central differences, and
// the two classes of the paper.
#include "catch.hpp"

#include <algorithm>
#include <cmath>

#include "gloro/loss/hinge_kantorovich_rubinstein.hpp"
#include "loss/losses.hpp"

using namespace losses;

TEMPLATE_TEST_CASE("The hKR loss of three classes is what a hand finds", "", float, double) {
  // K_G = 2 and logits 3, 1, -4: f = 1.5, 0.5, -2; m = 0.25. True class 1: hinges (0.25 - 0.5)+ = 0,
  // (0.25 + 1.5) / 2 and 0; the distance is 0.5 - (1.5 - 2) / 2 = 0.75.
  const auto batch = one_sample<TestType>({3, 1, -4}, 1, 0, 2);
  const Slopes<TestType> slopes(batch, HingeKantorovichRubinstein{.alpha = 4});
  CHECK(slopes.value == Approx(4 * 0.875 - 0.75));
  CHECK(static_cast<double>(slopes.logits.data()[0]) == Approx((4 + 1) / 2.0 / 2));
  CHECK(static_cast<double>(slopes.logits.data()[1]) == Approx(-1 / 2.0));
  CHECK(static_cast<double>(slopes.logits.data()[2]) == Approx(1 / 2.0 / 2));
  // By K_G: minus the sum of slope times f.
  CHECK(static_cast<double>(slopes.terms.network) == Approx(-(1.25 * 1.5 - 0.5 * 0.5 - 0.25 * 2)));
  CHECK(slopes.terms.margin_constants.isZero(0));
}

TEST_CASE("The hKR loss of two opposite logits is twice the paper's of one function") {
  // With f = y_1 / K, of a sample of class +-1: alpha (m -+ f)+ -+ f.
  const HingeKantorovichRubinstein loss{.alpha = 7, .margin = 2};
  for (const double y : {-1.5, -0.3, 0.3, 1.5})
    for (const int label : {0, 1}) {
      const double lead = (label == 1 ? 1 : -1) * y / 4;
      CHECK(one_sample<double>({-y, y}, label, 0, 4).value(loss) ==
            Approx(2 * (7 * std::max(0.0, 2 * 0.25 - lead) - lead)));
    }
}

TEST_CASE("The hKR loss has the derivatives that it gives") {
  check_slopes(random_batch<double>(6, 10, 1), HingeKantorovichRubinstein{});
  auto batch = random_batch<double>(5, 7, 2);
  batch.epsilon = 1.5;
  batch.lambda_factor = 0.5;
  check_slopes(batch, HingeKantorovichRubinstein{.alpha = 3, .margin = 0.7});
  check_slopes(batch, HingeKantorovichRubinstein{.alpha = 0});
}

TEST_CASE("The hKR loss sees no difference between a network and its multiple") {
  auto batch = random_batch<double>(6, 10, 4);
  const double value = batch.value(HingeKantorovichRubinstein{});
  batch.logits.matrix() *= 1024;
  batch.terms.network *= 1024;
  CHECK(batch.value(HingeKantorovichRubinstein{}) == value);
}

TEST_CASE("The hKR loss gives the same in float and double") {
  check_float(HingeKantorovichRubinstein{.alpha = 2}, HingeKantorovichRubinstein{.alpha = 2});
}

TEST_CASE("The hKR loss refuses what it has no meaning for") {
  const HingeKantorovichRubinstein loss;
  check_labels_are_checked(loss);
  CHECK_THROWS_WITH(one_sample<double>({1, 2}, 0, 1, 0).value(loss), ContainsText("constant > 0"));
  CHECK_THROWS_WITH(one_sample<double>({1}, 0, 1, 1).value(loss), ContainsText("two classes"));
  auto batch = one_sample<double>({1, 2, 3}, 0, 1, 1);
  batch.guarantee = Guarantee::top_k(2);
  CHECK_THROWS_WITH(batch.value(loss), ContainsText("top-1"));
  batch.guarantee = Guarantee::top_1();
  batch.labels = {3};  // called directly, without Loss around it
  CHECK_THROWS_WITH(loss(batch.input(), static_cast<LossGradient<double>*>(nullptr)),
                    ContainsText("0 to 2"));
}
