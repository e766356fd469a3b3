// ResidualConv2D: the identity plus a convolution, in one set of filters.
#include "catch.hpp"

#include <vector>

#include "gloro/layers/residual_conv2d.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

struct ResidualCase {
  Shape input;
  ResidualConv2DOptions options;
};

std::vector<ResidualCase> residual_cases() {
  return {{{1, 1, 1}, {.kernel = 1}},
          {{4, 5, 3}, {}},
          {{5, 3, 2}, {.kernel = {3, 2}}},
          {{4, 4, 2}, {.kernel = 4, .residual = 2, .bias = false}},
          {{2, 2, 3}, {.kernel = 5}},
          {{1, 6, 4}, {.kernel = {1, 3}, .initializer = Initializer::glorot}}};
}

}  // namespace

TEMPLATE_TEST_CASE("ResidualConv2D begins as x + conv(x), conv scaled down", "", float, double) {
  using Scalar = TestType;
  for (const ResidualCase& one : residual_cases()) {
    CAPTURE(one.input, one.options.kernel.height, one.options.kernel.width);
    Random random(1), same_random(1), samples(2);
    AnyLayer<Scalar> block = ResidualConv2D<Scalar>(one.options);
    CHECK(block.output_shape(one.input) == one.input);
    build(block, one.input, random);
    AnyLayer<Scalar> conv = Conv2D<Scalar>({.filters = one.input.channels,
                                            .kernel = one.options.kernel,
                                            .bias = one.options.bias,
                                            .initializer = one.options.initializer});
    build(conv, one.input, same_random);
    conv.parameters()[0]->value *= static_cast<Scalar>(one.options.residual);

    const Tensor<Scalar> x = check::random_tensor<Scalar>(one.input, 3, samples);
    const Tensor<Scalar> y = block.forward(x, {});
    const Matrix<Scalar> expected = x.matrix() + conv.forward(x, {}).matrix();
    CHECK(static_cast<double>((y.matrix() - expected).norm()) <=
          check::tolerance<Scalar>(25 * one.input.channels,
                                   static_cast<double>(expected.norm() + x.matrix().norm())));
  }
}

TEST_CASE("ResidualConv2D passes gradients back, and its constant is the norm of its matrix") {
  Random random(3);
  for (const ResidualCase& one : residual_cases()) {
    CAPTURE(one.input, one.options.kernel.height, one.options.kernel.width);
    check::check_affine([&](auto scalar) { return ResidualConv2D<decltype(scalar)>(one.options); },
                        one.input, 2, random);
  }
}

TEST_CASE("ResidualConv2D begins near the identity, and its bound is that of the whole block") {
  Random random(4);
  const Shape input{6, 6, 4};
  AnyLayer<double> layer = ResidualConv2D<double>({.residual = 0.05});
  build(layer, input, random);
  // Orthonormal filters make a convolution with a norm of at most 3, the root of its kernel's area.
  const double bound = layer.lipschitz_upper_bound();
  const double norm = check::spectral_norm(check::explicit_matrix(layer, input));
  CHECK(bound >= norm);
  CHECK(bound <= norm * (1 + 1e-4));
  CHECK(bound <= 1 + 3 * 0.05);
  CHECK(bound >= 1 - 3 * 0.05);
  // Two opposed parts: the identity minus itself stretches nothing, and is not 1 + 1.
  layer.parameters()[0]->value.setZero();
  CHECK(layer.lipschitz_upper_bound() == 0);
}

TEST_CASE("ResidualConv2D with a weight that is not finite has an infinite bound") {
  Random random(5);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    AnyLayer<float> layer = ResidualConv2D<float>();
    build(layer, {4, 4, 2}, random);
    layer.parameters()[0]->value(1, 7) = bad;
    CHECK(layer.lipschitz_upper_bound() == std::numeric_limits<double>::infinity());
    CHECK(layer.rounding().relative == std::numeric_limits<double>::infinity());
  }
}

TEST_CASE("ResidualConv2D describes itself as the convolution that it is") {
  Random random(6);
  ResidualConv2D<float> layer({.bias = false});
  build(layer, {4, 4, 6}, random);
  const Description description = layer.describe();
  CHECK(description.type == "conv2d");
  CHECK(std::get<Index>(description.options[0].second) == 6);
  CHECK(std::get<std::vector<Index>>(description.options[1].second) == std::vector<Index>{3, 3});
  CHECK(std::get<std::string>(description.options[3].second) == "same");
}

TEST_CASE("ResidualConv2D refuses what a convolution refuses") {
  CHECK_THROWS_AS(ResidualConv2D<float>({.kernel = 0}).output_shape({4, 4, 1}), ArgumentError);
  CHECK_THROWS_AS(ResidualConv2D<float>().output_shape({4, 4, 0}), Error);
}
