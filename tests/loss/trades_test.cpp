// TRADES: its closed form against the definition, values worked by hand, derivatives.
#include "catch.hpp"

#include <cmath>
#include <limits>

#include "gloro/loss/cross_entropy.hpp"
#include "gloro/loss/trades.hpp"
#include "loss/losses.hpp"

using namespace losses;

namespace {

/// CE(softmax(y), t) + weight * (sum p log(p / q), or -sum p log q): word by word.
double definition(const Batch<double>& batch, double weight, Divergence divergence) {
  double total = 0;
  for (Index n = 0; n < batch.logits.batch(); ++n) {
    const auto bottom =
        bottom_logit(batch.logits.matrix().col(n), batch.terms.margin_constants, batch.epsilon);
    double sum = 0, sum_with_bottom = std::exp(bottom.value);
    for (Index i = 0; i < batch.logits.shape().size(); ++i) {
      sum += std::exp(batch.logits.sample(n)[i]);
      sum_with_bottom += std::exp(batch.logits.sample(n)[i]);
    }
    const Index truth = batch.labels[static_cast<std::size_t>(n)];
    total -= std::log(std::exp(batch.logits.sample(n)[truth]) / sum);
    for (Index i = 0; i < batch.logits.shape().size(); ++i) {
      const double p = std::exp(batch.logits.sample(n)[i]) / sum;
      const double q = std::exp(batch.logits.sample(n)[i]) / sum_with_bottom;
      total += weight * (divergence == Divergence::kl ? p * std::log(p / q) : -p * std::log(q));
    }
  }
  return total;
}

}  // namespace

TEST_CASE("The closed forms of TRADES are what their definitions sum to") {
  for (const auto divergence : {Divergence::kl, Divergence::cross_entropy})
    for (const double lambda : {0.0, 1.0, 2.5}) {
      auto batch = random_batch<double>(5, 12, 1);
      batch.lambda_factor = 0.5;
      CHECK(batch.value(Trades{.lambda = lambda, .divergence = divergence}) ==
            Approx(definition(batch, 0.5 * lambda, divergence)).epsilon(1e-13));
    }
}

TEMPLATE_TEST_CASE("TRADES fits a case worked by hand", "", float, double) {
  // exp(y) = (1, 2, 5), bottom log 4, as for the cross-entropy: b = 4 / 12.
  const auto batch = one_sample<TestType>({0, std::log(2.0), std::log(5.0)}, 2, 4 * std::log(2.0));
  const Slopes<TestType> slopes(batch, Trades{.lambda = 2});
  CHECK(slopes.value == Approx(std::log(8.0 / 5) + 2 * std::log(12.0 / 8)));
  // Slope: p (1 - 2 b) - [t], and 2 b at the rival.
  CHECK(static_cast<double>(slopes.logits.data()[0]) == Approx(1.0 / 24));
  CHECK(static_cast<double>(slopes.logits.data()[1]) == Approx(2.0 / 24 + 2.0 / 3));
  CHECK(static_cast<double>(slopes.logits.data()[2]) == Approx(5.0 / 24 - 1));
  CHECK(static_cast<double>(slopes.terms.margin_constants(2, 1)) == Approx(2.0 / 3 * 0.25));
  CHECK(static_cast<double>(slopes.terms.margin_constants.sum()) == Approx(2.0 / 3 * 0.25));
}

TEST_CASE("TRADES with lambda zero is plain cross-entropy") {
  const auto batch = random_batch<double>(4, 6, 2);
  CHECK(batch.value(Trades{.lambda = 0}) == batch.value(StandardCrossEntropy{}));
}

TEST_CASE("TRADES has the derivatives that it gives") {
  for (const auto divergence : {Divergence::kl, Divergence::cross_entropy}) {
    auto batch = random_batch<double>(6, 10, 3);
    batch.lambda_factor = 0.75;
    check_slopes(batch, Trades{.lambda = 2, .divergence = divergence});
  }
}

TEST_CASE("TRADES gives the same in float and double") {
  for (const auto divergence : {Divergence::kl, Divergence::cross_entropy})
    check_float(Trades{.lambda = 2, .divergence = divergence},
                Trades{.lambda = 2, .divergence = divergence});
}

TEST_CASE("TRADES of a bottom far above or far below stays finite") {
  CHECK(one_sample<double>({0, 1}, 1, 1e6).value(Trades{}) ==
        Approx(std::log1p(std::exp(-1.0)) + 250000 - std::log(1 + std::exp(1.0))));
  const auto sure = one_sample<double>({-2000, 2000}, 1, 1);
  const Slopes<double> slopes(sure, Trades{});
  CHECK(slopes.value == 0);
  CHECK(slopes.logits.matrix().isZero(0));
  CHECK(one_sample<double>({3}, 0, 0).value(Trades{}) == 0);  // one class: bottom at -infinity
}

TEST_CASE("TRADES of a bottom far below keeps its share, however small") {
  // Logits -1000 and 1000 with eps K = 1950: bottom lies 50 below the top, and the robust term is
  // log(1 + e^-50) = e^-50.
  const auto batch = one_sample<double>({-1000, 1000}, 1, 4 * 1950);
  const double share = std::exp(-50);
  CHECK(batch.value(Trades{.lambda = 1}) == Approx(share).epsilon(1e-12));
  CHECK(Slopes<double>(batch, Trades{}).logits.data()[0] == Approx(share).epsilon(1e-12));
}

TEST_CASE("TRADES refuses labels that name no class") {
  check_labels_are_checked(Trades{});
  check_direct_call(Trades{});
}
