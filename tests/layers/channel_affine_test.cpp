// ChannelAffine: a gain and a bias a channel; the largest gain counts in the bound, a bias not at all.
#include "catch.hpp"

#include <cmath>
#include <limits>

#include "gloro/layers/channel_affine.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

const ChannelAffineOptions all_options[] = {{}, {.bias = false}, {.gain = false}};

}  // namespace

TEST_CASE(
    "ChannelAffine begins as the identity, and moves each channel of every pixel by its own") {
  Random random(1);
  const Shape shape{2, 2, 3};
  AnyLayer<double> layer = ChannelAffine<double>();
  layer.place(shape);
  const auto x = check::random_tensor<double>(shape, 2, random);
  CHECK(layer.forward(x, {}).matrix() == x.matrix());
  REQUIRE(layer.parameters().size() == 2);
  layer.parameters()[0]->value << 2, -0.5, 0;
  layer.parameters()[1]->value << 1, 0, -4;
  const auto y = layer.forward(x, {});
  for (Index i = 0; i < x.size(); i += 3) {
    CHECK(y.data()[i] == 2 * x.data()[i] + 1);
    CHECK(y.data()[i + 1] == -0.5 * x.data()[i + 1]);
    CHECK(y.data()[i + 2] == -4);
  }
  CHECK(layer.lipschitz() == 2);
  CHECK(layer.lipschitz_upper_bound() == 2);
}

TEST_CASE("ChannelAffine passes gradients back, and its constant is the largest gain") {
  Random random(2);
  for (const ChannelAffineOptions& options : all_options)
    check::check_affine([&](auto scalar) { return ChannelAffine<decltype(scalar)>(options); },
                        {2, 3, 4}, 2, random);
  // A negative gain that is the largest shrinks the constant as it grows.
  AnyLayer<double> layer = ChannelAffine<double>();
  layer.place(Shape::flat(3));
  layer.parameters()[0]->value << 1, -3, 2;
  CHECK(layer.lipschitz() == 3);
  check::check_lipschitz_gradient(layer);
}

TEST_CASE("A centering alone stretches nothing and does not touch the gradient") {
  Random random(3);
  AnyLayer<float> layer = ChannelAffine<float>({.gain = false});
  layer.place({2, 2, 2});
  layer.parameters()[0]->value.setConstant(-0.3F);
  CHECK(layer.lipschitz_upper_bound() == 1);
  CHECK(layer.parameters()[0]->name == "bias");
  check::check_stretch(layer, {2, 2, 2}, random);
}

TEMPLATE_TEST_CASE("ChannelAffine's rounding stays within its claim, and near it", "", float,
                   double) {
  Random random(4);
  double most[3] = {};
  for (int round = 0; round < 3000; ++round) {
    const int kind = round % 3;
    AnyLayer<TestType> layer = ChannelAffine<TestType>(all_options[kind]);
    layer.place(Shape::flat(1));
    for (auto* parameter : layer.parameters())
      parameter->value(0) = static_cast<TestType>(random.uniform(1, 1.1));
    Tensor<TestType> x(Shape::flat(1), 1);
    x.data()[0] = static_cast<TestType>(random.uniform(1, 1.1));
    const auto parameter = [&](std::size_t p) {
      return static_cast<long double>(layer.parameters()[p]->value(0));
    };
    const auto in = static_cast<long double>(x.data()[0]);
    const long double exact = kind == 0   ? parameter(0) * in + parameter(1)
                              : kind == 1 ? parameter(0) * in
                                          : in + parameter(0);
    const auto off = static_cast<double>(
        std::fabs(static_cast<long double>(layer.forward(x, {}).data()[0]) - exact));
    const double allowed = layer.rounding().at(static_cast<double>(x.data()[0]));
    CHECK(off <= allowed);
    most[kind] = std::max(most[kind], off / allowed);
  }
  for (const double share : most) CHECK(share > 0.3);
}

TEST_CASE("ChannelAffine of nothing is refused, and what is no number has an infinite bound") {
  CHECK_THROWS_AS(ChannelAffine<float>({.gain = false, .bias = false}), ArgumentError);
  for (const std::size_t p : {0U, 1U}) {
    AnyLayer<float> layer = ChannelAffine<float>();
    layer.place(Shape::flat(2));
    layer.parameters()[p]->value(1) = std::numeric_limits<float>::quiet_NaN();
    CHECK(layer.lipschitz_upper_bound() == std::numeric_limits<double>::infinity());
  }
}
