// The calibrated margin loss: values worked by hand, derivatives by central differences, the names
// of its forms.
#include "catch.hpp"

#include <cmath>
#include <limits>

#include "gloro/loss/calibrated_margin.hpp"
#include "loss/losses.hpp"

using namespace losses;

TEMPLATE_TEST_CASE("The calibrated loss is the logistic loss of the radii, in units of its width",
                   "", float, double) {
  // slack 1/2 at eps 1/4: sigma = (1/4) / log 3. K = 8 and leads of 4 and -2: radii 1/2 and -1/4,
  // so (2 eps - r) / sigma = 0 and 3 log 3: the sum is 1 + 1 + 27.
  const auto batch = one_sample<TestType>({1, 5, 7}, 1, 8);
  const Slopes<TestType> slopes(batch, CalibratedMargin{.slack = 0.5});
  CHECK(slopes.value == Approx(std::log(29.0)));
  const double steepness = 4 * std::log(3.0), by_first = steepness / 29 / 8,
               by_third = steepness * 27 / 29 / 8;
  CHECK(static_cast<double>(slopes.logits.data()[0]) == Approx(by_first));
  CHECK(static_cast<double>(slopes.logits.data()[1]) == Approx(-by_first - by_third));
  CHECK(static_cast<double>(slopes.logits.data()[2]) == Approx(by_third));
  CHECK(static_cast<double>(slopes.terms.margin_constants(1, 0)) == Approx(by_first * 0.5));
  CHECK(static_cast<double>(slopes.terms.margin_constants(1, 2)) == Approx(by_third * -0.25));
  CHECK(static_cast<double>(slopes.terms.network) == 0);
}

TEST_CASE("The calibrated loss of two classes passes from slack / 2 to 1 - slack / 2 within eps") {
  // exp(-loss) is the share of the true class: the logistic function of (r - reach eps) / sigma.
  const CalibratedMargin loss{.slack = 0.3, .reach = 1};
  const auto share = [&](double radius) {
    auto batch = one_sample<double>({8 * radius, 0}, 0, 8);
    batch.epsilon = 0.25;
    return std::exp(-batch.value(loss));
  };
  CHECK(share(0.25) == Approx(0.5));
  CHECK(share(0.5) == Approx(1 - 0.15));
  CHECK(share(0) == Approx(0.15));
}

TEST_CASE("The calibrated loss has the derivatives that it gives") {
  check_slopes(random_batch<double>(6, 10, 1), CalibratedMargin{});
  auto batch = random_batch<double>(5, 7, 2);
  batch.epsilon = 1.5;
  batch.lambda_factor = 0.5;
  check_slopes(batch, CalibratedMargin{.slack = 0.025, .reach = 1, .decay = 0.01});
}

TEST_CASE("The calibrated loss that holds its constants differs in their slope alone") {
  const auto batch = random_batch<double>(6, 10, 3);
  const Slopes<double> free(batch, CalibratedMargin{.decay = 0.25});
  const Slopes<double> held(batch, CalibratedMargin{.decay = 0.25, .holds_constants = true});
  CHECK(held.value == free.value);
  CHECK(held.logits.matrix() == free.logits.matrix());
  CHECK(held.terms.margin_constants.isZero(0));
  CHECK(held.terms.network == Approx(10 * 2 * 0.25 * 1.75));
}

TEST_CASE("The calibrated loss sees no difference between a network and its multiple") {
  auto batch = random_batch<double>(6, 10, 4);
  const Slopes<double> slopes(batch, CalibratedMargin{});
  // Euler: along y -> c y, K -> c K the derivative is zero.
  CHECK(std::abs(slopes.logits.matrix().cwiseProduct(batch.logits.matrix()).sum() +
                 slopes.terms.margin_constants.cwiseProduct(batch.terms.margin_constants).sum()) <=
        1e-10);
  batch.logits.matrix() *= 1024;
  batch.terms.margin_constants *= 1024;
  CHECK(batch.value(CalibratedMargin{}) == Approx(slopes.value).epsilon(1e-12));
}

TEST_CASE("The calibrated loss gives the same in float and double") {
  // The slopes are steeper than those of other losses by 1 / sigma, 14 here.
  const CalibratedMargin gentle{.slack = 0.9};
  check_float(gentle, gentle);
}

TEST_CASE("The calibrated loss is finite where a rival has no margin, or is far away") {
  CHECK(one_sample<double>({1, 0}, 0, 0).value(CalibratedMargin{}) ==
        Approx(std::log1p(std::exp(2 * std::log(1.7 / 0.3)))));
  const Slopes<double> none(one_sample<double>({1, 0}, 0, 0), CalibratedMargin{});
  CHECK(none.logits.matrix().isZero(0));
  const Slopes<double> far(one_sample<double>({1e9, 0, -1e9}, 2, 1), CalibratedMargin{});
  CHECK(std::isfinite(far.value));
  CHECK(far.logits.matrix().allFinite());
}

TEST_CASE("The calibrated loss refuses what it has no meaning for") {
  check_labels_are_checked(CalibratedMargin{});
  check_direct_call(CalibratedMargin{});
  auto batch = one_sample<double>({1, 2, 3}, 0, 1);
  for (const double slack : {0.0, 1.0, -0.1, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(batch.value(CalibratedMargin{.slack = slack}), ArgumentError);
  batch.guarantee = Guarantee::top_k(2);
  CHECK_THROWS_WITH(batch.value(CalibratedMargin{}), ContainsText("calibrated"));
  batch.guarantee = Guarantee::top_1();
  batch.epsilon = 0;
  CHECK_THROWS_WITH(batch.value(CalibratedMargin{}), ContainsText("epsilon > 0"));
}
