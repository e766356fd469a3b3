// Losses in words: each name is the loss that it says, its weight inside.
#include "catch.hpp"

#include <string>

#include "gloro/loss/calibrated_margin.hpp"
#include "gloro/loss/cross_entropy.hpp"
#include "gloro/loss/emma.hpp"
#include "gloro/loss/hinge_kantorovich_rubinstein.hpp"
#include "gloro/loss/lipschitz_margin.hpp"
#include "gloro/loss/trades.hpp"
#include "gloro/wording/loss.hpp"
#include "loss/losses.hpp"

using namespace losses;

namespace {

void check_named(const char* name, const Loss<double>& expected) {
  CAPTURE(name);
  const auto batch = random_batch<double>(5, 6, 1);
  const Slopes<double> found(batch, read_loss<double>(name)), wanted(batch, expected);
  CHECK(found.value == wanted.value);
  CHECK(found.logits.matrix() == wanted.logits.matrix());
  CHECK(found.terms.margin_constants == wanted.terms.margin_constants);
  CHECK(found.terms.network == wanted.terms.network);
}

Trades kl(double lambda) { return {.lambda = lambda}; }
Trades ce(double lambda) { return {.lambda = lambda, .divergence = Divergence::cross_entropy}; }

}  // namespace

TEST_CASE("A loss is had by the name of the original package") {
  check_named("crossentropy", CrossEntropy{});
  check_named("sparse_crossentropy", CrossEntropy{});
  check_named("standard_crossentropy", StandardCrossEntropy{});
  check_named("emma", Emma{});
  check_named("lipschitz_margin", LipschitzMargin{});
  check_named("hkr", HingeKantorovichRubinstein{});
  check_named("hkr.2.5", HingeKantorovichRubinstein{.alpha = 2.5});
  check_named("hkr.20,0.5", HingeKantorovichRubinstein{.alpha = 20, .margin = 0.5});
  check_named("trades_kl", kl(1));
  check_named("trades_kl.1.5", kl(1.5));
  check_named("sparse_trades_kl.0.75", kl(0.75));
  check_named("trades_ce", ce(1));
  check_named("trades_ce.2", ce(2));
}

TEST_CASE("A lambda of zero is a weight, and a negative one is none") {
  check_named("trades_kl.0", kl(0));
  for (const char* name : {"trades_kl.-1", "trades_kl.", "trades_kl.x", "trades_kl.nan",
                           "trades_kl.inf", "trades_kl.1x", "trades", "crossentropy.1", "emma2",
                           "hkr.", "hkr.1,", "hkr.-1", "hkr.1,2x", ""}) {
    CAPTURE(name);
    CHECK_THROWS_AS(read_loss<double>(name), ArgumentError);
    CHECK_THROWS_WITH(read_loss<double>(name), ContainsText("trades_kl[.LAMBDA]"));
  }
}

TEST_CASE("A loss whose weight is scheduled has a weight of 1, and its own beside it") {
  for (const auto& [name, weight] : {std::pair<const char*, double>("trades_kl.1.5", 1.5),
                                     {"trades_ce", 1},
                                     {"trades_kl.0", 0},
                                     {"hkr.2.5,0.5", 2.5},
                                     {"cll.0.3,1e-4", 1e-4},
                                     {"cll_held.0.3,2", 2}}) {
    CAPTURE(name);
    auto batch = random_batch<double>(6, 10, 5);
    const Slopes<double> wanted(batch, read_loss<double>(name));
    const auto scheduled = read_scheduled_loss<double>(name);
    REQUIRE(scheduled.weight);
    CHECK(*scheduled.weight == weight);
    batch.lambda_factor = weight;
    CHECK(Slopes<double>(batch, scheduled.loss).value == wanted.value);
  }
  for (const char* name :
       {"crossentropy", "standard_crossentropy", "emma", "lipschitz_margin", "cll", "cll.0.3"})
    CHECK_FALSE(read_scheduled_loss<double>(name).weight);
}

TEST_CASE("The calibrated loss is had by name, with its slack and decay") {
  const auto batch = random_batch<double>(6, 10, 5);
  const auto same = [&](std::string_view name, const CalibratedMargin& expected) {
    const Slopes<double> found(batch, read_loss<double>(name)), wanted(batch, expected);
    CHECK(found.value == Approx(wanted.value).epsilon(1e-14));
    CHECK(found.terms.margin_constants.isApprox(wanted.terms.margin_constants, 1e-14));
    CHECK(found.terms.network == Approx(wanted.terms.network).epsilon(1e-14));
  };
  same("cll", {});
  same("cll.0.1", {.slack = 0.1});
  same("cll.0.3,1e-4", {.slack = 0.3, .decay = 1e-4});
  {
    const Slopes<double> slopes(batch, read_loss<double>("cll_held.0.3,1e-4"));
    CHECK(slopes.terms.margin_constants.isZero(0));
    CHECK(slopes.terms.network > 0);
  }
  for (const char* name : {"cll.", "cll.0", "cll.1", "cll.2", "cll.x", "cll0.3", "cll.0.3,",
                           "cll.0.3,-1", "cll.0.3,inf", "cll.0.3,1e-4x", "cll_held."}) {
    CAPTURE(name);
    CHECK_THROWS_WITH(read_loss<double>(name), ContainsText("cll[.SLACK[,DECAY]]"));
  }
}
