// The rounding that layers claim against rounding as bad as it can be: for each term of a claim a
// layer and an input for which that term is nearly all there is. Double is as good as exact here.
#include "catch.hpp"

#include <cmath>
#include <vector>

#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/exponential_conv2d.hpp"
#include "gloro/layers/l2_pooling2d.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/layers/normalization.hpp"
#include "gloro/layers/scaling.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

/// 1, and then numbers whose squares are just too small to move a float of 1: in a sum of squares
/// each of them is lost, as far as a block of the sum goes.
Matrix<float> absorbed(Index rows, Index columns) {
  Matrix<float> values = Matrix<float>::Constant(rows, columns, 0x1.fep-13F);
  values(0, 0) = 1;
  return values;
}

AnyLayer<float> placed(AnyLayer<float> layer, Shape input) {
  Random unused(1);
  build(layer, input, unused);
  return layer;
}

/// Distance of the float result from the exact one, in units of the claim: at most 1.
double share_of_claim(const AnyLayer<float>& layer, const Tensor<float>& x) {
  Tensor<double> wide(x.shape(), x.batch());
  wide.matrix() = x.matrix().cast<double>();
  const AnyLayer<double> twin = layer.cast<double>();
  const RoundingBound claim = layer.rounding(), of_twin = twin.rounding();
  const double norm = wide.matrix().norm() * (1 + 1e-12);
  const Tensor<float> y = layer.forward(x, {});
  const Tensor<double> exact = twin.forward(std::move(wide), {});
  const double error = (y.matrix().cast<double>() - exact.matrix()).norm();
  const double most =
      (claim.relative + of_twin.relative) * norm + claim.absolute + of_twin.absolute;
  CHECK(error <= most);
  return error / most;
}

Tensor<float> constant(Shape shape, float value) {
  Tensor<float> x(shape, 1);
  x.matrix().setConstant(value);
  return x;
}

}  // namespace

TEST_CASE("ConvexPotential claims the rounding of W x") {
  const Index inputs = 1000;
  AnyLayer<float> layer =
      placed(ConvexPotential<float>({.hidden = 1, .bias = false, .scale = 1}), Shape::flat(inputs));
  layer.parameters()[0]->value = absorbed(1, inputs);
  Tensor<float> x(Shape::flat(inputs), 1);
  x.matrix() = absorbed(inputs, 1);
  CHECK(share_of_claim(layer, x) > 0.2);
}

TEST_CASE("ConvexPotential claims the rounding of W^T") {
  const Index hidden = 1000;
  AnyLayer<float> layer =
      placed(ConvexPotential<float>({.hidden = hidden, .bias = false, .scale = 1}), Shape::flat(1));
  layer.parameters()[0]->value = absorbed(hidden, 1);
  CHECK(share_of_claim(layer, constant(Shape::flat(1), 1)) > 0.2);
}

TEST_CASE("ConvexPotential claims the rounding of its biases in every pixel") {
  const Shape input{10, 10, 1};
  AnyLayer<float> layer =
      placed(ConvexPotential<float>({.hidden = 1000, .kernel = 1, .scale = 1}), input);
  layer.parameters()[0]->value = absorbed(1000, 1);
  layer.parameters()[1]->value = absorbed(1000, 1);
  CHECK(share_of_claim(layer, constant(input, 0)) > 0.2);
}

TEST_CASE("ConvexPotential claims the rounding of the step itself") {
  AnyLayer<float> layer =
      placed(ConvexPotential<float>({.bias = false, .scale = 1}), Shape::flat(1));
  layer.parameters()[0]->value(0) = 0.01F;
  Random random(2);
  double most = 0;
  for (int i = 0; i < 200; ++i)
    most = std::max(most,
                    share_of_claim(layer, constant(Shape::flat(1), float(random.uniform(1, 1.1)))));
  CHECK(most > 0.3);
}

TEST_CASE("ExponentialConv2D claims the rounding of its products") {
  const Index channels = 300;
  AnyLayer<float> layer = placed(ExponentialConv2D<float>(), Shape::flat(channels));
  layer.parameters()[0]->value.setZero();
  layer.parameters()[0]->value.row(0) = absorbed(1, channels);
  Tensor<float> x(Shape::flat(channels), 1);
  x.matrix() = absorbed(channels, 1);
  CHECK(share_of_claim(layer, x) > 0.05);
}

TEST_CASE("Average pooling claims the rounding of its whole window") {
  // Partial sums of 128 to 256 lose half a unit with every pixel, which makes 64 roundoffs.
  AnyLayer<float> layer = placed(AveragePooling2D<float>(16), {16, 16, 1});
  CHECK(share_of_claim(layer, constant({16, 16, 1}, 1 + 0x1p-17F - 0x1p-23F)) > 0.2);
}

TEST_CASE("Normalization claims both of its roundings") {
  Random random(3);
  double most = 0;
  for (int i = 0; i < 500; ++i) {
    const float shift = -float(random.uniform(1, 1.05)), scale = float(random.uniform(1, 1.05));
    const AnyLayer<float> layer = placed(Normalization<float>({shift}, {scale}), Shape::flat(1));
    most = std::max(
        most, share_of_claim(layer, constant(Shape::flat(1), float(random.uniform(1, 1.05)))));
  }
  CHECK(most > 0.6);
}

TEST_CASE("Normalization claims the rounding of its shift in every pixel") {
  Random random(4);
  double most = 0;
  for (int i = 0; i < 50; ++i) {
    const Shape input{16, 16, 1};
    const float shift = float(random.uniform(1, 1.1)), scale = float(random.uniform(1, 1.1));
    const AnyLayer<float> layer = placed(Normalization<float>({shift}, {scale}), input);
    most = std::max(most, share_of_claim(layer, constant(input, 0)));
  }
  CHECK(most > 0.3);
}

TEST_CASE("Scaling claims the rounding of its product") {
  Random random(5);
  double most = 0;
  for (int i = 0; i < 200; ++i) {
    const AnyLayer<float> layer = placed(Scaling<float>(float(random.uniform(1, 1.1))), {3, 3, 2});
    most =
        std::max(most, share_of_claim(layer, constant({3, 3, 2}, float(random.uniform(1, 1.1)))));
  }
  CHECK(most > 0.6);
}

TEST_CASE("L2Pooling2D takes roots that are rounded once") {
  // Windows on which the estimates that SSE and AVX refine to a root are off by four units or more, as many
  // as fill their registers.
  const auto tiled = [](Index height, Index width, const std::vector<float>& window) {
    Tensor<float> x(Shape{height, width * 32, 1}, 1);
    for (Index i = 0; i < x.size(); ++i)
      x.data()[i] = window[static_cast<std::size_t>(i / (width * 32) * width + i % width)];
    return x;
  };
  const auto share = [](const Tensor<float>& x, Extent pool) {
    const L2Pooling2D<float> pooling({.pool = pool, .stride = pool});
    return share_of_claim(placed(pooling, x.shape()), x);
  };
  CHECK(share(tiled(1, 2, {1.3176867961883545F, 0.5283796191215515F}), {1, 2}) < 1);
  CHECK(share(tiled(2, 2,
                    {0.9070993661880493F, 0.9832857251167297F, 0.49679088592529297F,
                     0.6665438413619995F}),
              {2, 2}) < 1);
  CHECK(share(tiled(2, 2,
                    {1.3419668674468994F, 0.4742811918258667F, 0.38721877336502075F,
                     0.3278053104877472F}),
              {2, 2}) < 1);
}
