// ReLU: max(x, 0), and nothing else.
#include "catch.hpp"

#include <cmath>
#include <limits>

#include "gloro/layers/relu.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

TEMPLATE_TEST_CASE("ReLU is the larger of x and zero", "", float, double) {
  Random random(1);
  const auto x = check::random_tensor<TestType>({3, 4, 5}, 3, random);
  const auto y = ReLU<TestType>().forward(x, {});
  for (Index i = 0; i < x.size(); ++i) CHECK(y.data()[i] == std::max(x.data()[i], TestType(0)));
}

TEST_CASE("ReLU passes a gradient where its input is positive") {
  Random random(2);
  check::check_gradients(ReLU<double>(), {2, 3, 5}, 2, random);
  check::check_cast(ReLU<float>(), {2, 3, 5}, 2, random);
}

TEMPLATE_TEST_CASE("ReLU stretches nothing", "", float, double) {
  Random random(3);
  const AnyLayer<TestType> layer = ReLU<TestType>();
  CHECK(layer.lipschitz() == 1);
  CHECK(layer.lipschitz_upper_bound() == 1);
  check::check_stretch(layer, {3, 3, 3}, random);
}

TEST_CASE("ReLU lets a NaN through, so that nothing looks certified") {
  Tensor<float> x(Shape::flat(1), 1);
  x.data()[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(ReLU<float>().forward(x, {}).data()[0]));
}
