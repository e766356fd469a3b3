// Losses by name: each name is the loss that it says, with its own lambda.
#include "catch.hpp"

#include <string>

#include "gloro/loss/named_loss.hpp"
#include "loss/losses.hpp"

using namespace losses;

namespace {

void check_named(const char* name, const Loss<double>& expected, double lambda) {
  CAPTURE(name);
  const NamedLoss<double> named = named_loss<double>(name);
  CHECK(named.lambda == lambda);
  const auto batch = random_batch<double>(5, 6, 1);
  const Slopes<double> found(batch, named.loss), wanted(batch, expected);
  CHECK(found.value == wanted.value);
  CHECK(found.logits.matrix() == wanted.logits.matrix());
  CHECK(found.terms.margin_constants == wanted.terms.margin_constants);
  CHECK(found.terms.network == wanted.terms.network);
}

}  // namespace

TEST_CASE("A loss is had by the name of the original package") {
  const Trades kl{.lambda = 1}, ce{.lambda = 1, .divergence = Divergence::cross_entropy};
  check_named("crossentropy", CrossEntropy{}, 1);
  check_named("sparse_crossentropy", CrossEntropy{}, 1);
  check_named("standard_crossentropy", StandardCrossEntropy{}, 1);
  check_named("emma", Emma{}, 1);
  check_named("lipschitz_margin", LipschitzMargin{}, 1);
  check_named("trades_kl", kl, 1);
  check_named("trades_kl.1.5", kl, 1.5);
  check_named("sparse_trades_kl.0.75", kl, 0.75);
  check_named("trades_ce", ce, 1);
  check_named("trades_ce.2", ce, 2);
}

TEST_CASE("A lambda of zero is a weight, and a negative one is none") {
  const Trades kl{.lambda = 1};
  check_named("trades_kl.0", kl, 0);
  for (const char* name : {"trades_kl.-1", "trades_kl.", "trades_kl.x", "trades_kl.nan",
                           "trades_kl.inf", "trades_kl.1x", "trades", "crossentropy.1", "emma2", ""}) {
    CAPTURE(name);
    CHECK_THROWS_AS(named_loss<double>(name), ArgumentError);
    CHECK_THROWS_WITH(named_loss<double>(name), ContainsText("trades_kl[.LAMBDA]"));
  }
}
