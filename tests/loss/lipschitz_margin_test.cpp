// Lipschitz-margin training: values worked by hand, derivatives by central differences.
#include "catch.hpp"

#include <cmath>

#include "gloro/loss/lipschitz_margin.hpp"
#include "loss/losses.hpp"

using namespace losses;

TEMPLATE_TEST_CASE("Lipschitz-margin training raises every rival by sqrt(2) eps K_G", "", float,
                   double) {
  // sqrt(2) * 0.25 * K_G = log 3: exp(y) = (1, 2, 5) becomes (3, 2, 15) for the true class 1.
  const double network = std::log(3.0) / (0.25 * std::sqrt(2.0));
  const auto batch = one_sample<TestType>({0, std::log(2.0), std::log(5.0)}, 1, 99, network);
  const Slopes<TestType> slopes(batch, LipschitzMargin{});
  CHECK(slopes.value == Approx(std::log(20.0 / 2)));
  CHECK(static_cast<double>(slopes.logits.data()[0]) == Approx(3.0 / 20));
  CHECK(static_cast<double>(slopes.logits.data()[1]) == Approx(2.0 / 20 - 1));
  CHECK(static_cast<double>(slopes.logits.data()[2]) == Approx(15.0 / 20));
  CHECK(static_cast<double>(slopes.terms.network) == Approx(18.0 / 20 * 0.25 * std::sqrt(2.0)));
  CHECK(slopes.terms.margin_constants.isZero(0));
}

TEST_CASE("Lipschitz-margin training has the derivatives that it gives") {
  check_slopes(random_batch<double>(6, 10, 1), LipschitzMargin{});
  check_float(LipschitzMargin{}, LipschitzMargin{});
}

TEST_CASE("Lipschitz-margin training refuses labels that name no class, called directly too") {
  check_labels_are_checked(LipschitzMargin{});
  check_direct_call(LipschitzMargin{});
}
