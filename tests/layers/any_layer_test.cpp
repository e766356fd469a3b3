// AnyLayer: a layer of the user's own, defined outside the library and derived from nothing, is a
// layer like ours; what it leaves out is refused in words where it is needed.
#include "catch.hpp"

#include <type_traits>
#include <utility>

#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "layers/gradient_check.hpp"
#include "layers/own_layer.hpp"

namespace {

struct NotALayer {
  int forward() const { return 1; }
};

static_assert(gloro::Layer<own::Squash<float>, float>);
static_assert(!gloro::Layer<own::Squash<float>, double>);
static_assert(!gloro::Layer<NotALayer, float>);
static_assert(std::is_convertible_v<own::Squash<double>, gloro::AnyLayer<double>>);

}  // namespace

using namespace gloro;

TEST_CASE("A user's own layer passes the checks that ours pass") {
  Random random(1);
  const AnyLayer<double> layer = own::Squash<double>();
  check::check_gradients(layer, Shape::flat(5), 3, random);
  check::check_lipschitz_gradient(layer);
  check::check_stretch(layer, Shape::flat(5), random);
  const AnyLayer<float> single = own::Squash<float>();
  check::check_stretch(single, Shape::flat(5), random);
  CHECK_THROWS_AS(layer.output_shape({2, 2, 1}), ShapeError);
}

TEST_CASE("What a layer leaves out is refused in words where it is needed") {
  const AnyLayer<float> layer = own::Squash<float>();
  CHECK_THROWS_AS(layer.rounding(), Error);
  CHECK_THROWS_WITH(layer.rounding(), ContainsText("certified"));
  CHECK_THROWS_AS(layer.describe(), Error);
  CHECK_THROWS_WITH(layer.describe(), ContainsText("saved"));
  CHECK_THROWS_AS(layer.cast<double>(), Error);
  CHECK_THROWS_WITH(layer.cast<double>(), ContainsText("double"));
}

TEST_CASE("A layer in double is its own double version") {
  const AnyLayer<double> layer = own::Squash<double>();
  CHECK(layer.cast<double>().as<own::Squash<double>>() != nullptr);
}

TEST_CASE("A copied layer has parameters of its own") {
  AnyLayer<double> original = own::Squash<double>();
  AnyLayer<double> copy = original;
  copy.parameters()[0]->value(0) = -2;
  CHECK(original.lipschitz() == 1.5);
  CHECK(copy.lipschitz() == 2);
  original = copy;
  copy.parameters()[0]->value(0) = 7;
  CHECK(original.lipschitz() == 2);
  original = std::as_const(original);  // to itself
  CHECK(original.lipschitz() == 2);
}

TEST_CASE("A layer is found inside by its type, and by no other") {
  const AnyLayer<double> layer = own::Squash<double>();
  CHECK(layer.as<own::Squash<double>>() != nullptr);
  CHECK(layer.as<ReLU<double>>() == nullptr);
}

TEST_CASE(
    "Layers that are convolutions say which, with the kernel of a dense layer as large as its "
    "image") {
  const Shape input{6, 5, 4};
  const auto placed = [&](AnyLayer<float> layer) {
    layer.place(input);
    return layer.convolution();
  };
  const auto conv = placed(Conv2D<float>({.filters = 7, .kernel = {3, 2}, .stride = {2, 1}}));
  REQUIRE(conv);
  CHECK(conv->input == input);
  CHECK(conv->output == Shape{3, 5, 7});
  CHECK(conv->kernel_height == 3);
  CHECK(conv->stride_height == 2);
  const auto residual = placed(ResidualConv2D<float>({.kernel = 3}));
  REQUIRE(residual);
  CHECK(residual->output == input);
  CHECK(residual->pad_top == 1);
  const auto dense = placed(Dense<float>(9));
  REQUIRE(dense);
  CHECK(dense->input == input);
  CHECK(dense->output == Shape::flat(9));
  CHECK(dense->kernel_height == 6);
  CHECK(dense->kernel_width == 5);
  CHECK(dense->taps() == input.size());
  CHECK_FALSE(placed(MinMax<float>()));
  CHECK_FALSE(placed(ConvexPotential<float>()));
  CHECK_FALSE(placed(AveragePooling2D<float>(2)));
}
