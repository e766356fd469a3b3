// Scaling: one factor, trained; its constant is its magnitude.
#include "catch.hpp"

#include <limits>

#include "gloro/layers/scaling.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

TEST_CASE("Scaling multiplies, passes gradients back, and its constant is |factor|") {
  Random random(1);
  check::check_affine([](auto scalar) { return Scaling<decltype(scalar)>(); }, {2, 3, 2}, 2,
                      random);
  for (const double factor : {2.5, -1.5}) {  // a negative factor shrinks its constant as it grows
    const AnyLayer<double> layer = Scaling<double>(factor);
    CHECK(layer.lipschitz() == std::abs(factor));
    CHECK(layer.lipschitz_upper_bound() == std::abs(factor));
    check::check_lipschitz_gradient(layer);
    check::check_gradients(layer, {2, 3, 2}, 3, random);
  }
}

TEMPLATE_TEST_CASE("Scaling is the product with its factor", "", float, double) {
  Random random(2);
  const auto x = check::random_tensor<TestType>({2, 3, 2}, 2, random);
  const auto y = Scaling<TestType>(TestType(-0.3)).forward(x, {});
  for (Index i = 0; i < x.size(); ++i) CHECK(y.data()[i] == x.data()[i] * TestType(-0.3));
}

TEST_CASE("Scaling by NaN has an infinite bound") {
  const Scaling<float> layer(std::numeric_limits<float>::quiet_NaN());
  CHECK(layer.lipschitz_upper_bound() == std::numeric_limits<double>::infinity());
}
