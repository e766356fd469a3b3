// The losses with a relaxed guarantee: a case worked by hand, derivatives by central differences.
#include "catch.hpp"

#include <cmath>

#include "gloro/loss/cross_entropy.hpp"
#include "gloro/loss/emma.hpp"
#include "gloro/loss/lipschitz_margin.hpp"
#include "gloro/loss/trades.hpp"
#include "loss/losses.hpp"

using namespace losses;

TEMPLATE_TEST_CASE("Cross-entropy with a relaxed bottom fits a case worked by hand", "", float,
                   double) {
  // With a = log 2, logits (0, 4a, 5a) and eps K = 2a: class 1 overtakes class 2, but {2, 1} stands:
  // 0 over 1 reaches 0 + 2a + (5a - 4a) = 3a. exp = (1, 16, 32; 8), the sum is 57.
  const double a = std::log(2.0);
  auto batch = one_sample<TestType>({0, 4 * a, 5 * a}, 1, 8 * a);
  batch.guarantee = Guarantee::top_k(2);
  const Slopes<TestType> slopes(batch, CrossEntropy{});
  CHECK(slopes.value == Approx(std::log(57.0 / 16)));
  CHECK(static_cast<double>(slopes.logits.data()[0]) == Approx((1.0 + 8) / 57));
  CHECK(static_cast<double>(slopes.logits.data()[1]) == Approx((16.0 - 8) / 57 - 1));
  CHECK(static_cast<double>(slopes.logits.data()[2]) == Approx((32.0 + 8) / 57));
  CHECK(static_cast<double>(slopes.terms.margin_constants(1, 0)) == Approx(8.0 / 57 * 0.25));
  CHECK(static_cast<double>(slopes.terms.margin_constants.cwiseAbs().sum()) == Approx(2.0 / 57));
  CHECK(slopes.terms.network == 0);
}

TEST_CASE("The losses with a bottom have the derivatives that they give, whatever the guarantee") {
  Index relaxed = 0;
  for (const Guarantee& guarantee : {Guarantee::top_k(2), Guarantee::top_k(4),
                                     Guarantee::affinity({{0, 1, 2}, {3, 4}, {2, 5}})}) {
    auto batch = random_batch<double>(6, 12, 1);
    batch.guarantee = guarantee;
    for (Index n = 0; n < 12; ++n) {
      const auto bottom = batch.input().bottom(n);
      relaxed += bottom.held != bottom.top;
    }
    check_slopes(batch, CrossEntropy{});
    check_slopes(batch, Trades{.lambda = 1.5});
    check_slopes(batch, Trades{.lambda = 1.5, .divergence = Divergence::cross_entropy});
    check_slopes(batch, StandardCrossEntropy{});
  }
  CHECK(relaxed > 12);
}

TEST_CASE("A relaxed bottom never costs more than the one for top-1") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto batch = random_batch<double>(5, 4, seed);
    const double strict = batch.value(CrossEntropy{});
    batch.guarantee = Guarantee::top_k(3);
    CHECK(batch.value(CrossEntropy{}) <= strict);
  }
}

TEST_CASE("The losses with raised rivals say that they are for top-1") {
  auto batch = random_batch<double>(5, 4, 3);
  batch.guarantee = Guarantee::top_k(2);
  CHECK_THROWS_WITH(batch.value(Emma{}), ContainsText("EMMA") && ContainsText("top-2"));
  CHECK_THROWS_AS(batch.value(LipschitzMargin{}), ArgumentError);
}
