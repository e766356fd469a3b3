// Networks whose extents are large and whose weights are few: certified at once, soundly if roughly,
// and the certifier says so.
#include "catch.hpp"

#include <cmath>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "networks.hpp"

using namespace gloro;

TEST_CASE("a certifier names the layers that are bounded quickly") {
  const GloroModel<float> model({1 << 19, 1, 1},
                                {Conv2D<float>({.filters = 1, .kernel = {3, 1}}), ReLU<float>(),
                                 AveragePooling2D<float>({.pool = {1 << 16, 1}}), Dense<float>(2)},
                                1);
  const Certifier<float> certifier(model);
  CHECK(certifier.quickly_bounded() == std::vector<std::size_t>{0, 2});
  // The norm of a filter of norm one is at most sqrt(3), and that of means of 2^16 is 2^-8.
  CHECK(certifier.layer_bounds()[0] <= std::sqrt(3.0) * 1.001);
  CHECK(certifier.layer_bounds()[2] >= std::exp2(-8));
  CHECK(certifier.layer_bounds()[2] <= std::exp2(-8) * 1.001);
  const auto image = networks::random_batch<float>(model.input_shape(), 1, Random(1));
  CHECK(certifier.certify_image(image, {.epsilon = 0}).label ==
        certifier.certify_image(image).label);
}

TEST_CASE("ordinary networks are not bounded quickly") {
  for (int family = 0; family < networks::families; ++family)
    CHECK(Certifier<float>(networks::random_network(family, 1)).quickly_bounded().empty());
}

TEST_CASE("more classes than a table can have are certified with the norms of their rows") {
  constexpr Index classes = 6000;
  Matrix<float> weight(classes, 2), bias(classes, 1);
  for (Index j = 0; j < classes; ++j) {
    weight(j, 0) = static_cast<float>(std::cos(0.001 * static_cast<double>(j)));
    weight(j, 1) = static_cast<float>(std::sin(0.001 * static_cast<double>(j)));
    bias(j, 0) = j == 17 ? 3.0F : 0.0F;
  }
  const Certifier<float> certifier(networks::linear<float>(weight, bias));
  CHECK(certifier.quickly_bounded() == std::vector<std::size_t>{0});
  CHECK_THROWS_WITH(certifier.margin_constants(), ContainsText("6000 classes"));
  for (const Index i : {Index{0}, Index{18}, classes - 1}) {
    const double distance = (weight.row(17) - weight.row(i)).cast<double>().norm();
    CHECK(certifier.margin_constant(17, i) >= distance);
    CHECK(certifier.margin_constant(17, i) <= 2.001);
  }
  CHECK(certifier.margin_constant(17, 17) == 0);
  const Certificate answer = certifier.certify_image(networks::point<float>({0, 0}));
  CHECK(answer.label == 17);
  CHECK(answer.radius > 1.49);  // 3 / 2, where the true one is above 3 / 2
  CHECK(answer.radius <= 1.5);
}
