// Residual: x + f(x), its bound where it is one linear map and where it is not.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/testing/check_layer.hpp"
#include "layers/composites.hpp"

using namespace gloro;

namespace {

const Shape block_input{5, 4, 4};

template <typename Scalar>
Residual<Scalar> block() {
  return Residual<Scalar>(
      {.body = {Conv2D<Scalar>({.filters = 6, .kernel = {3, 2}}), MinMax<Scalar>(),
                Conv2D<Scalar>({.filters = 4, .kernel = 2})}});
}

/// A block in a block in a block.
template <typename Scalar>
Residual<Scalar> nested() {
  return Residual<Scalar>({.body = {Residual<Scalar>({.body = {block<Scalar>(), ReLU<Scalar>()}}),
                                    Conv2D<Scalar>({.filters = 4, .kernel = 3})}});
}

struct LinearCase {
  Shape input;
  Extent kernel;
  bool bias;
};

std::vector<LinearCase> linear_cases() {
  return {{{4, 5, 3}, 3, true},
          {{5, 3, 2}, {3, 2}, false},
          {{4, 4, 2}, 4, true},
          {{2, 2, 3}, 5, true},
          {{1, 1, 4}, 1, true}};
}

}  // namespace

TEST_CASE("A residual block of one convolution is one linear map, and bounded as such") {
  Random random(1);
  for (const LinearCase& one : linear_cases()) {
    CAPTURE(one.input, one.kernel.height, one.kernel.width);
    const auto make = [&](auto scalar) {
      using Scalar = decltype(scalar);
      return Residual<Scalar>(
          {.body = {Conv2D<Scalar>(
               {.filters = one.input.channels, .kernel = one.kernel, .bias = one.bias})}});
    };
    check::check_affine(make, one.input, 3, random);
    const AnyLayer<double> layer = check::ready<double>(make(1.0), one.input, random);
    const double norm = check::spectral_norm(check::explicit_matrix(layer, one.input));
    CHECK(layer.lipschitz_upper_bound() >= norm * (1 - 1e-12));
    CHECK(layer.lipschitz_upper_bound() <= norm * (1 + 1e-4));
    const double of_body = layer.parts(one.input)[0].layer->lipschitz_upper_bound();
    CHECK(layer.lipschitz_upper_bound() < 1 + of_body);
  }
}

TEST_CASE("A residual block of one dense layer is one linear map") {
  Random random(2);
  const auto make = [&](auto scalar) {
    using Scalar = decltype(scalar);
    return Residual<Scalar>({.body = {Dense<Scalar>(7)}});
  };
  check::check_affine(make, Shape::flat(7), 3, random);
  // x + W x with W = -I is zero; apart, the bound would be 2.
  AnyLayer<float> layer = make(1.0F);
  build(layer, Shape::flat(7), random);
  layer.parameters()[0]->value = -Matrix<float>::Identity(7, 7);
  CHECK(layer.lipschitz_upper_bound() < 1e-15);
  CHECK(layer.lipschitz() == 0);
}

TEST_CASE("A convolution's weight that rounds away beside 1 is in the bound") {
  Random random(3);
  AnyLayer<float> layer =
      Residual<float>({.body = {Conv2D<float>({.filters = 1, .kernel = 1, .bias = false})}});
  build(layer, {1, 1, 1}, random);
  layer.parameters()[0]->value(0) = 0x1p-60F;
  CHECK(layer.lipschitz_upper_bound() > 1);  // 1 + 2^-60, which no double is
}

TEST_CASE("A block is the linear residual convolution where it has its filters") {
  Random random(4);
  AnyLayer<double> folded = check::ready<double>(ResidualConv2D<double>(), block_input, random);
  AnyLayer<double> apart =
      Residual<double>({.body = {Conv2D<double>({.filters = 4, .kernel = 3})}});
  build(apart, block_input, random);
  apart.parameters()[0]->value = folded.parameters()[0]->value;
  apart.parameters()[1]->value = folded.parameters()[1]->value;
  const Index centre = 4 * 4;  // of 3 x 3, 4 channels each
  apart.parameters()[0]->value.middleCols(centre, 4).diagonal().array() -= 1;
  const auto x = check::random_tensor<double>(block_input, 3, random);
  CHECK((apart.forward(x, {}).matrix() - folded.forward(x, {}).matrix()).norm() < 1e-12);
  CHECK(apart.lipschitz_upper_bound() == Approx(folded.lipschitz_upper_bound()).epsilon(1e-12));
}

TEST_CASE("What strides or changes shape is not folded") {
  Random random(5);
  // One pixel, read with a stride by a padded kernel: the shape stays.
  for (const Extent stride : {Extent(2, 1), Extent(1, 2)}) {
    AnyLayer<double> strided = check::ready<double>(
        Residual<double>(
            {.body = {Conv2D<double>(
                 {.filters = 2, .kernel = 3, .stride = stride, .padding = Padding(1, 1, 1, 1)})}}),
        {1, 1, 2}, random);
    const double of_body = strided.parts({1, 1, 2})[0].layer->lipschitz_upper_bound();
    CHECK(strided.lipschitz_upper_bound() >= 1 + of_body);
    CHECK(strided.lipschitz_upper_bound() <= (1 + of_body) * (1 + 1e-15));
  }
  // Moved by its padding: the filter's centre is no identity.
  AnyLayer<double> moved = check::ready<double>(
      Residual<double>({.body = {Conv2D<double>(
                            {.filters = 2, .kernel = {3, 1}, .padding = Padding(2, 0, 0, 0)})}}),
      {4, 3, 2}, random);
  const double norm = check::spectral_norm(check::explicit_matrix(moved, {4, 3, 2}));
  CHECK(moved.lipschitz_upper_bound() >= norm);
  CHECK(moved.lipschitz_upper_bound() <= norm * (1 + 1e-4));
}

TEMPLATE_TEST_CASE("A residual block computes x + f(x)", "", float, double) {
  using Scalar = TestType;
  Random random(6);
  const AnyLayer<Scalar> layer = check::ready<Scalar>(block<Scalar>(), block_input, random);
  const auto x = check::random_tensor<Scalar>(block_input, 3, random);
  Tensor<Scalar> y = x;
  for (const auto& part : layer.parts(block_input)) y = part.layer->forward(std::move(y), {});
  CHECK(layer.forward(x, {}).matrix() == y.matrix() + x.matrix());
}

TEST_CASE("A residual block's gradients, in double, are those of central differences") {
  Random random(7);
  for (const AnyLayer<double>& made :
       {AnyLayer<double>(block<double>()), AnyLayer<double>(nested<double>())}) {
    const AnyLayer<double> layer = check::small<double>(made, block_input, random);
    check::check_gradients(layer, block_input, 2, random);
    check::check_lipschitz_gradient(layer);
    check::check_stretch(layer, block_input, random);
    check::check_definition(layer, block_input, random);
  }
}

TEST_CASE("A residual block that is not linear has 1 + K_f") {
  Random random(8);
  AnyLayer<double> layer = check::ready<double>(block<double>(), block_input, random);
  layer.refresh_lipschitz(1000);
  double product = 1, estimates = 1;
  for (const auto& part : layer.parts(block_input)) {
    product *= part.layer->lipschitz_upper_bound();
    estimates *= part.layer->lipschitz();
  }
  CHECK(layer.lipschitz_upper_bound() >= 1 + product);
  CHECK(layer.lipschitz_upper_bound() <= (1 + product) * (1 + 1e-14));
  CHECK(layer.lipschitz() == Approx(1 + estimates).epsilon(1e-12));
  // It is met where f is a number times the identity.
  AnyLayer<double> twice = Residual<double>({.body = {Scaling<double>(3)}});
  build(twice, block_input, random);
  CHECK(check::spectral_norm(check::explicit_matrix(twice, block_input)) ==
        Approx(4).epsilon(1e-14));
  CHECK(twice.lipschitz_upper_bound() >= 4);
  CHECK(twice.lipschitz_upper_bound() <= 4 * (1 + 1e-15));
}

TEST_CASE("A residual block's rounding holds, alone and nested") {
  Random random(9);
  for (const AnyLayer<float>& made :
       {AnyLayer<float>(block<float>()), AnyLayer<float>(nested<float>()),
        AnyLayer<float>(Residual<float>({.body = {Conv2D<float>({.filters = 4, .kernel = 1}),
                                                  ConvexPotential<float>({.scale = 0.3})}}))})
    check::check_rounding(check::ready<float>(made, block_input, random), block_input, random);
}

TEST_CASE("A residual block passes the check that a user's layer is given, alone and nested") {
  for (const AnyLayer<float>& made :
       {AnyLayer<float>(block<float>()), AnyLayer<float>(nested<float>())})
    CHECK(testing::check_layer(made, block_input).faults == std::vector<std::string>{});
}

TEST_CASE("The addition's own rounding is stated") {
  // f is exact, and so is all but the sum: 1 + 2^-24 loses half of a last place.
  AnyLayer<float> layer = Residual<float>({.body = {MinMax<float>()}});
  Random random(10);
  build(layer, Shape::flat(2), random);
  Tensor<float> x(Shape::flat(2), 1);
  x.matrix() << 1, 0x1p-24F;  // sorted, added: 1 + 2^-24 twice
  const Tensor<float> y = layer.forward(x, {});
  const double off = std::sqrt(2.0) * 0x1p-24;
  CHECK(y.matrix()(0) == 1);
  const double stated = layer.rounding().at(std::sqrt(1 + 0x1p-48));
  CHECK(stated >= off);
  CHECK(stated <= 2 * std::sqrt(2.0) * off);
}

TEST_CASE("A residual block shows an overflow, and weights that are no numbers certify nothing") {
  Random random(11);
  AnyLayer<float> layer = Residual<float>({.body = {Dense<float>(2)}});
  build(layer, Shape::flat(2), random);
  layer.parameters()[0]->value << 3e38F, 0, 0, 1;
  Tensor<float> x(Shape::flat(2), 1);
  x.matrix() << 10, 1;
  CHECK_FALSE(layer.forward(x, {}).matrix().allFinite());
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    layer.parameters()[0]->value(0) = bad;
    CHECK(layer.lipschitz_upper_bound() == infinity);
    const RoundingBound bound = layer.rounding();
    CHECK(bound.relative + bound.absolute == infinity);
  }
}

TEST_CASE("A residual block needs a body that keeps the shape") {
  CHECK_THROWS_AS(Residual<float>(ResidualOptions<float>{}), ArgumentError);
  const Residual<float> wrong({.body = {Conv2D<float>({.filters = 3})}});
  CHECK_THROWS_WITH((void)wrong.output_shape(block_input),
                    "Residual adds what its body makes of 5x4x4 to it: expected that shape, got "
                    "5x4x3");
  const Residual<float> odd({.body = {Dense<float>(3), MinMax<float>()}});
  CHECK_THROWS_WITH((void)odd.output_shape(Shape::flat(3)),
                    "body: 1: MinMax pairs channels: expected an even number, got 1x1x3");
}
