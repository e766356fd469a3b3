// Cross-entropy, plain and with bottom: values worked by hand, derivatives by central differences.
#include "catch.hpp"

#include <cmath>

#include "gloro/loss/cross_entropy.hpp"
#include "loss/losses.hpp"

using namespace losses;

TEMPLATE_TEST_CASE("Plain cross-entropy fits a case worked by hand", "", float, double) {
  // exp(y) = (1, 2, 5): the share of the true class is 5 / 8.
  const auto batch = one_sample<TestType>({0, std::log(2.0), std::log(5.0)}, 2, 3);
  const Slopes<TestType> slopes(batch, StandardCrossEntropy{});
  CHECK(slopes.value == Approx(std::log(8.0 / 5)));
  CHECK(static_cast<double>(slopes.logits.data()[0]) == Approx(1.0 / 8));
  CHECK(static_cast<double>(slopes.logits.data()[1]) == Approx(2.0 / 8));
  CHECK(static_cast<double>(slopes.logits.data()[2]) == Approx(5.0 / 8 - 1));
  CHECK(slopes.terms.margin_constants.isZero(0));
}

TEMPLATE_TEST_CASE("Cross-entropy with bottom fits a case worked by hand", "", float, double) {
  // Top is class 2; class 1 reaches log 2 + 0.25 * 4 log 2 = log 4: bottom. exp = (1, 2, 5; 4).
  const auto batch = one_sample<TestType>({0, std::log(2.0), std::log(5.0)}, 2, 4 * std::log(2.0));
  const Slopes<TestType> slopes(batch, CrossEntropy{});
  CHECK(slopes.value == Approx(std::log(12.0 / 5)));
  CHECK(static_cast<double>(slopes.logits.data()[0]) == Approx(1.0 / 12));
  CHECK(static_cast<double>(slopes.logits.data()[1]) == Approx(2.0 / 12 + 4.0 / 12));
  CHECK(static_cast<double>(slopes.logits.data()[2]) == Approx(5.0 / 12 - 1));
  CHECK(static_cast<double>(slopes.terms.margin_constants(2, 1)) == Approx(4.0 / 12 * 0.25));
  CHECK(static_cast<double>(slopes.terms.margin_constants.cwiseAbs().sum()) == Approx(1.0 / 12));
  CHECK(slopes.terms.network == 0);
}

TEST_CASE("Both cross-entropies have the derivatives that they give") {
  check_slopes(random_batch<double>(6, 10, 1), StandardCrossEntropy{});
  check_slopes(random_batch<double>(6, 10, 2), CrossEntropy{});
  check_slopes(random_batch<double>(2, 10, 3), CrossEntropy{});
}

TEST_CASE("Both cross-entropies give the same in float and double") {
  check_float(StandardCrossEntropy{}, StandardCrossEntropy{});
  check_float(CrossEntropy{}, CrossEntropy{});
}

TEST_CASE("Large logits neither overflow nor lose the loss") {
  const auto right = one_sample<double>({-1000, 1000}, 1, 0);
  CHECK(right.value(StandardCrossEntropy{}) == 0);
  const auto wrong = one_sample<double>({-1000, 1000}, 0, 0);
  CHECK(wrong.value(StandardCrossEntropy{}) == 2000);
  CHECK(wrong.value(CrossEntropy{}) == 2000);
}

TEST_CASE("With one class there is nothing to lose") {
  const auto batch = one_sample<double>({3}, 0, 0);
  CHECK(batch.value(StandardCrossEntropy{}) == 0);
  const Slopes<double> slopes(batch, CrossEntropy{});
  CHECK(slopes.value == 0);
  CHECK(slopes.logits.data()[0] == 0);
}

TEST_CASE("A loss sums over samples and adds to the slopes it finds") {
  const Loss<double> loss = CrossEntropy{};
  const auto all = random_batch<double>(4, 2, 5);
  double sum = 0;
  for (Index n = 0; n < 2; ++n) {
    auto one = one_sample<double>({0, 0, 0, 0}, all.labels[static_cast<std::size_t>(n)], 0);
    one.logits.matrix() = all.logits.matrix().col(n);
    one.terms = all.terms;
    sum += one.value(loss);
  }
  CHECK(all.value(loss) == Approx(sum).epsilon(1e-14));

  Slopes<double> twice(all, loss);
  const Slopes<double> once(all, loss);
  LossGradient<double> out{twice.logits.matrix(), twice.terms};
  (void)loss(all.input(), &out);
  CHECK((twice.logits.matrix() - 2 * once.logits.matrix()).norm() <= 1e-14);
  CHECK((twice.terms.margin_constants - 2 * once.terms.margin_constants).norm() <= 1e-14);
}

TEST_CASE("Cross-entropies refuse labels that name no class") {
  check_labels_are_checked(StandardCrossEntropy{});
  check_labels_are_checked(CrossEntropy{});
  check_direct_call(StandardCrossEntropy{});
  check_direct_call(CrossEntropy{});
}

TEST_CASE("A lambda of the user's own is a loss") {
  const Loss<double> loss = [](const LossInput<double>& in, LossGradient<double>* out) {
    if (out) out->logits.array() += 2;
    return 2 * in.logits.sum();
  };
  check_slopes(random_batch<double>(3, 4, 6), loss);
}
