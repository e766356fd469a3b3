// Normalization: a fixed shift and scale of every channel, counted in the bound.
#include "catch.hpp"

#include <limits>
#include <vector>

#include "gloro/layers/normalization.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

TEMPLATE_TEST_CASE("Normalization shifts and scales each channel of every pixel", "", float,
                   double) {
  using Scalar = TestType;
  const std::vector<Scalar> shift{Scalar(0.5), Scalar(-1), 0}, scale{2, Scalar(-0.25), 4};
  const Normalization<Scalar> layer(shift, scale);
  Random random(1);
  const Shape shape{2, 4, 3};
  REQUIRE(layer.output_shape(shape) == shape);
  const auto x = check::random_tensor<Scalar>(shape, 3, random);
  const auto y = layer.forward(x, {});
  for (Index i = 0; i < x.size(); ++i) {
    const auto channel = static_cast<std::size_t>(i % 3);
    CHECK(y.data()[i] == (x.data()[i] - shift[channel]) * scale[channel]);
  }
}

TEST_CASE("Normalization passes gradients back, and its constant is the largest scale") {
  Random random(2);
  const auto make = [](auto scalar) {
    using Scalar = decltype(scalar);
    return Normalization<Scalar>({Scalar(0.5), Scalar(-1)}, {Scalar(0.25), Scalar(-3)});
  };
  check::check_affine(make, {2, 3, 2}, 2, random);
  CHECK(make(double{}).lipschitz() == 3);
  CHECK(make(double{}).lipschitz_upper_bound() == 3);
  CHECK(AnyLayer<double>(make(double{})).parameters().empty());
}

TEST_CASE("Normalization with a value that is no number has an infinite bound") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  CHECK(Normalization<float>({0}, {nan}).lipschitz_upper_bound() == infinite);
  CHECK(Normalization<float>({nan}, {1}).lipschitz_upper_bound() == infinite);
}

TEST_CASE("Normalization of another number of channels is refused") {
  const Normalization<float> three({0, 0, 0}, {1, 1, 1});
  CHECK_THROWS_AS(three.output_shape({4, 4, 1}), ShapeError);
  CHECK_THROWS_WITH(three.output_shape({4, 4, 1}), ContainsText("3") && ContainsText("4x4x1"));
  CHECK_THROWS_AS(Normalization<float>({0, 0}, {1}), ArgumentError);
  CHECK_THROWS_AS(Normalization<float>({}, {}), ArgumentError);
}

TEST_CASE("Normalization describes its numbers") {
  const Description description = Normalization<float>({0.5F}, {4}).describe();
  CHECK(description.type == "normalization");
  CHECK(std::get<std::vector<double>>(description.options.at(0).second) ==
        std::vector<double>{0.5});
  CHECK(std::get<std::vector<double>>(description.options.at(1).second) == std::vector<double>{4});
}
