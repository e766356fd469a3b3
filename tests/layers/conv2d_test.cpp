// Conv2D: against a plain loop, central differences and the norm of its explicit matrix, over many
// shapes, strides and paddings.
#include "catch.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "gloro/layers/conv2d.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

struct ConvolutionCase {
  Shape input;
  Conv2DOptions options;
};

std::vector<ConvolutionCase> convolution_cases() {
  const Padding same = Padding::same, valid = Padding::valid;
  return {
      {{1, 1, 1}, {.filters = 1, .kernel = 1}},
      {{5, 5, 1}, {.filters = 2, .kernel = 3}},
      {{4, 6, 3}, {.filters = 2, .kernel = {3, 2}, .stride = {1, 2}, .padding = same}},
      {{7, 5, 2}, {.filters = 3, .kernel = 4, .stride = 2, .padding = same}},
      {{6, 6, 2}, {.filters = 4, .kernel = 4, .stride = 2, .padding = same, .bias = false}},
      {{5, 5, 2}, {.filters = 3, .kernel = 2, .stride = 2, .padding = same}},
      {{5, 4, 2}, {.filters = 3, .kernel = 3, .stride = 1, .padding = valid}},
      {{7, 7, 1}, {.filters = 2, .kernel = 3, .stride = 3, .padding = valid}},
      {{5, 7, 1}, {.filters = 2, .kernel = 2, .stride = 3, .padding = valid}},  // pixels left out
      {{3, 3, 2}, {.filters = 5, .kernel = 3, .stride = 1, .padding = valid}},  // one position
      {{4, 4, 1}, {.filters = 2, .kernel = 3, .stride = 2, .padding = {2, 0, 0, 2}}},
      {{3, 4, 2}, {.filters = 2, .kernel = 2, .stride = 1, .padding = {3, 2, 3, 1}}},  // wide
      {{2, 2, 1}, {.filters = 2, .kernel = 5, .stride = 1, .padding = same}},
      {{4, 4, 17}, {.filters = 9, .kernel = 1, .stride = 2, .padding = valid}},
      {{1, 8, 2}, {.filters = 2, .kernel = {1, 3}, .stride = {1, 2}, .padding = same}},
  };
}

/// The definition, in double: an output value and the sum of the magnitudes it is made of.
template <typename Scalar>
std::pair<double, double> plain(const AnyLayer<Scalar>& layer,
                                const kernels::ConvolutionGeometry& g, const Scalar* image,
                                Index row, Index column, Index filter) {
  const auto& weight = layer.parameters()[0]->value;
  double sum =
      layer.parameters().size() > 1 ? static_cast<double>(layer.parameters()[1]->value(filter)) : 0;
  double magnitude = std::abs(sum);
  for (Index ky = 0; ky < g.kernel_height; ++ky)
    for (Index kx = 0; kx < g.kernel_width; ++kx)
      for (Index c = 0; c < g.input.channels; ++c) {
        const Index y = row * g.stride_height + ky - g.pad_top;
        const Index x = column * g.stride_width + kx - g.pad_left;
        if (y < 0 || y >= g.input.height || x < 0 || x >= g.input.width) continue;
        const double term =
            static_cast<double>(weight(filter, (ky * g.kernel_width + kx) * g.input.channels + c)) *
            static_cast<double>(image[(y * g.input.width + x) * g.input.channels + c]);
        sum += term;
        magnitude += std::abs(term);
      }
  return {sum, magnitude};
}

}  // namespace

TEMPLATE_TEST_CASE("Conv2D is the sum over its window, for every shape, stride and padding", "",
                   float, double) {
  using Scalar = TestType;
  Random random(1);
  for (const ConvolutionCase& one : convolution_cases()) {
    CAPTURE(one.input.height, one.input.width, one.options.kernel.height, one.options.stride.width);
    const AnyLayer<Scalar> layer =
        check::ready<Scalar>(Conv2D<Scalar>(one.options), one.input, random);
    const auto g = layer.template as<Conv2D<Scalar>>()->convolution();
    const Tensor<Scalar> x = check::random_tensor<Scalar>(one.input, 2, random);
    const Tensor<Scalar> y = layer.forward(x, {});
    REQUIRE(y.shape() == layer.output_shape(one.input));
    const Scalar* value = y.data();
    for (Index n = 0; n < 2; ++n)
      for (Index row = 0; row < y.shape().height; ++row)
        for (Index column = 0; column < y.shape().width; ++column)
          for (Index filter = 0; filter < y.shape().channels; ++filter, ++value) {
            const auto [sum, magnitude] = plain(layer, g, x.sample(n), row, column, filter);
            CHECK(std::abs(static_cast<double>(*value) - sum) <=
                  check::tolerance<Scalar>(g.taps(), magnitude));
          }
  }
}

TEST_CASE("Conv2D passes gradients back, and its Lipschitz constant is the norm of its matrix") {
  Random random(2);
  for (const ConvolutionCase& one : convolution_cases()) {
    CAPTURE(one.input.height, one.input.width, one.options.kernel.height, one.options.stride.width);
    check::check_affine([&](auto scalar) { return Conv2D<decltype(scalar)>(one.options); },
                        one.input, 2, random);
  }
}

TEST_CASE("Conv2D bounds an operator too large for its explicit matrix") {
  Random random(3);
  const Shape input{14, 14, 4};  // 784 x 784: the bound goes by the torus
  AnyLayer<double> layer =
      check::ready<double>(Conv2D<double>({.filters = 4, .kernel = 3}), input, random);
  layer.refresh_lipschitz(3000);
  const double norm = layer.lipschitz();  // from below
  CHECK(layer.lipschitz_upper_bound() >= norm);
  CHECK(layer.lipschitz_upper_bound() <= norm * 1.05);
}

TEST_CASE("Conv2D places `same` as TensorFlow does, the odd zero after the image") {
  struct Placed {
    Index size, kernel, stride, outputs, before, after;
  };
  // By hand: outputs = ceil(size / stride), zeros = (outputs - 1) stride + kernel - size.
  const std::vector<Placed> table{{28, 4, 2, 14, 1, 1}, {14, 4, 2, 7, 1, 1},  {7, 3, 2, 4, 1, 1},
                                  {5, 2, 2, 3, 0, 1},   {28, 3, 1, 28, 1, 1}, {6, 3, 2, 3, 0, 1},
                                  {5, 4, 1, 5, 1, 2},   {5, 2, 1, 5, 0, 1},   {32, 3, 1, 32, 1, 1},
                                  {32, 4, 2, 16, 1, 1}, {4, 1, 3, 2, 0, 0},   {9, 2, 4, 3, 0, 1},
                                  {2, 5, 1, 2, 2, 2},   {1, 4, 3, 1, 1, 2}};
  Random random(4);
  for (const Placed& placed : table) {
    CAPTURE(placed.size, placed.kernel, placed.stride);
    Conv2D<double> layer({.filters = 1, .kernel = placed.kernel, .stride = placed.stride});
    const Shape input{placed.size, placed.size, 1};
    CHECK(layer.output_shape(input) == Shape{placed.outputs, placed.outputs, 1});
    build(layer, input, random);
    CHECK(layer.convolution().pad_top == placed.before);
    CHECK(layer.convolution().pad_left == placed.before);
    // A convolution with ones counts the pixels in each window: what falls outside is padding.
    layer.parameters()[0]->value.setOnes();
    Tensor<double> ones(input, 1);
    ones.matrix().setOnes();
    const Tensor<double> counts = layer.forward(ones, {});
    const auto inside = [&](Index i) {
      const Index begin = i * placed.stride - placed.before;
      return std::min(begin + placed.kernel, placed.size) - std::max<Index>(begin, 0);
    };
    const Index last = placed.outputs - 1;
    const Index covered = last * placed.stride - placed.before + placed.kernel;
    CHECK(std::max<Index>(covered - placed.size, 0) == placed.after);
    CHECK(counts.data()[0] == static_cast<double>(inside(0) * inside(0)));
    CHECK(counts.data()[counts.size() - 1] == static_cast<double>(inside(last) * inside(last)));
  }
}

TEST_CASE("Conv2D takes an empty batch, forward and backward") {
  Random random(6);
  AnyLayer<float> layer = Conv2D<float>({.filters = 3, .kernel = 3, .stride = 2});
  build(layer, {5, 5, 2}, random);
  Tape<float> tape;
  Tensor<float> y = layer.forward(Tensor<float>({5, 5, 2}, 0), {.tape = &tape});
  CHECK(y.batch() == 0);
  Gradients<float> gradients(std::as_const(layer).parameters());
  const auto dx = layer.backward(std::move(y), {.tape = tape, .gradients = gradients.views()});
  CHECK(dx.batch() == 0);
  CHECK(gradients.flat().isZero(0));
}

TEST_CASE("Conv2D refuses a kernel larger than the padded input, and names both") {
  const Conv2D<float> layer({.filters = 1, .kernel = 5, .padding = Padding::valid});
  CHECK_THROWS_AS(layer.output_shape({4, 4, 1}), ShapeError);
  CHECK_THROWS_WITH(layer.output_shape({4, 9, 1}), ContainsText("5x5") && ContainsText("4x9x1"));
  CHECK(layer.output_shape({5, 5, 1}) == Shape{1, 1, 1});
  const Conv2D<float> padded({.filters = 1, .kernel = 5, .padding = {1, 0, 0, 1}});
  CHECK(padded.output_shape({4, 4, 1}) == Shape{1, 1, 1});
  CHECK_THROWS_AS(padded.output_shape({3, 4, 1}), ShapeError);
}

TEST_CASE("Conv2D refuses options that make no sense") {
  CHECK_THROWS_AS(Conv2D<float>({.filters = 0}), ArgumentError);
  CHECK_THROWS_AS(Conv2D<float>({.kernel = 0}).output_shape({4, 4, 1}), ArgumentError);
  CHECK_THROWS_AS(Conv2D<float>({.stride = 0}).output_shape({4, 4, 1}), ArgumentError);
  CHECK_THROWS_AS(Conv2D<float>({.padding = {0, -1, 0, 0}}).output_shape({4, 4, 1}), ArgumentError);
}

TEST_CASE("Conv2D begins with orthonormal filters") {
  Random random(5);
  AnyLayer<double> layer = Conv2D<double>({.filters = 6, .kernel = 3});
  build(layer, {8, 8, 2}, random);
  const auto& weight = layer.parameters()[0]->value;
  REQUIRE(weight.rows() == 6);
  REQUIRE(weight.cols() == 18);
  CHECK((weight * weight.transpose()).isIdentity(1e-12));
}

TEST_CASE("Conv2D describes itself, with both extents and the padding by name") {
  const Description same = Conv2D<float>({.filters = 16, .kernel = 4, .stride = 2}).describe();
  CHECK(same.type == "conv2d");
  REQUIRE(same.options.size() == 4);
  CHECK(std::get<Index>(same.options[0].second) == 16);
  CHECK(std::get<std::vector<Index>>(same.options[1].second) == std::vector<Index>{4, 4});
  CHECK(std::get<std::vector<Index>>(same.options[2].second) == std::vector<Index>{2, 2});
  CHECK(std::get<std::string>(same.options[3].second) == "same");
  const Description amounts = Conv2D<float>({.padding = {1, 2, 3, 4}, .bias = false}).describe();
  CHECK(std::get<std::vector<Index>>(amounts.options[3].second) == std::vector<Index>{1, 2, 3, 4});
  CHECK(std::get<bool>(amounts.options[4].second) == false);
}

TEST_CASE("An image whose padding has more values than an Index counts is refused") {
  constexpr Index huge = Index{1} << std::min(31, std::numeric_limits<Index>::digits - 2);
  const Padding zeros(huge, huge, huge, huge);
  const Conv2D<float> far({.filters = 1, .kernel = 1, .stride = huge, .padding = zeros});
  CHECK_THROWS_AS(far.output_shape({1, 1, 4}), ShapeError);
  const Conv2D<float> beyond({.filters = 1, .kernel = 1, .padding = Padding(huge, huge, 0, 0)});
  CHECK_THROWS_AS(beyond.output_shape({1, huge, 1}), ShapeError);
  CHECK_THROWS_AS(Conv2D<float>({.filters = 1, .kernel = huge}).output_shape({1, 1, 4}),
                  ShapeError);
}

TEST_CASE("A stride beyond the image makes one output as any other stride beyond it does") {
  constexpr Index huge = Index{1} << std::min(31, std::numeric_limits<Index>::digits - 2);
  Conv2D<float> far({.filters = 2, .kernel = 3, .stride = huge, .padding = Padding::same});
  Conv2D<float> near({.filters = 2, .kernel = 3, .stride = 7, .padding = Padding::same});
  Random one(1), same(1);
  build(far, {5, 4, 2}, one);
  build(near, {5, 4, 2}, same);
  CHECK(far.output_shape({5, 4, 2}) == Shape{1, 1, 2});
  Tensor<float> x({5, 4, 2}, 3);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 7) - 3;
  CHECK((far.forward(x, {}).matrix() == near.forward(x, {}).matrix()));
  CHECK(far.lipschitz_upper_bound() == near.lipschitz_upper_bound());
}
