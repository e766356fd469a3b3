// GroupedConv2D: its outputs against the sum that defines it, its norm, and the convolution that it is.
#include "catch.hpp"

#include <cstddef>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/layers/grouped_conv2d.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

struct GroupedCase {
  Shape input;
  GroupedConv2DOptions options;
};

std::vector<GroupedCase> cases() {
  return {{{5, 4, 6}, {.filters = 4, .groups = 2}},
          {{6, 6, 4}, {.filters = 4, .kernel = 3, .stride = 2, .groups = 4}},
          {{7, 9, 2}, {.filters = 3, .kernel = {2, 3}, .dilation = {3, 2}}},
          {{9, 8, 6},
           {.filters = 9,
            .kernel = 2,
            .stride = {2, 1},
            .padding = {1, 2, 0, 3},
            .dilation = 2,
            .groups = 3,
            .bias = false}},
          {{6, 6, 3}, {.filters = 2, .padding = Padding::valid, .dilation = {1, 2}}}};
}

/// y(oy, ox, f) = b(f) + the sum over the taps and the channels of f's group of
/// W(f, (ky, kx, c)) x(oy s + ky d - pad, ...).
double expected(const GroupedCase& one, const Matrix<double>& weight, const Matrix<double>& bias,
                const kernels::ConvolutionGeometry& g, const Tensor<double>& x, Index oy, Index ox,
                Index f) {
  const auto& options = one.options;
  const Index channels = one.input.channels / options.groups;
  const Index group = f / (options.filters / options.groups);
  double sum = bias.size() > 0 ? bias(f, 0) : 0;
  for (Index ky = 0; ky < options.kernel.height; ++ky)
    for (Index kx = 0; kx < options.kernel.width; ++kx)
      for (Index c = 0; c < channels; ++c) {
        const Index row = oy * options.stride.height + ky * options.dilation.height - g.pad_top;
        const Index column = ox * options.stride.width + kx * options.dilation.width - g.pad_left;
        if (row < 0 || row >= one.input.height || column < 0 || column >= one.input.width) continue;
        sum +=
            weight(f, (ky * options.kernel.width + kx) * channels + c) *
            x.data()[(row * one.input.width + column) * one.input.channels + group * channels + c];
      }
  return sum;
}

}  // namespace

TEST_CASE("GroupedConv2D reads the channels of its group, at pixels that lie apart") {
  Random random(4);
  for (const GroupedCase& one : cases()) {
    CAPTURE(one.input, one.options.groups, one.options.dilation.height);
    GroupedConv2D<double> layer(one.options);
    build(layer, one.input, random);
    for (auto* parameter : layer.parameters())
      for (double& value : parameter->value.reshaped()) value = random.normal();
    layer.refresh_lipschitz(0);
    const Tensor<double> x = check::random_tensor<double>(one.input, 1, random);
    const Tensor<double> y = layer.forward(x, {});
    const Shape output = layer.output_shape(one.input);
    REQUIRE(y.shape() == output);
    const Matrix<double> bias =
        one.options.bias ? layer.parameters()[1]->value : Matrix<double>(0, 1);
    for (Index i = 0; i < output.size(); ++i) {
      const Index pixel = i / output.channels;
      CHECK(y.data()[i] ==
            Approx(expected(one, layer.parameters()[0]->value, bias, layer.plain().convolution(), x,
                            pixel / output.width, pixel % output.width, i % output.channels))
                .margin(1e-12));
    }
    const AnyLayer<double> any = layer;
    const double norm = check::spectral_norm(check::explicit_matrix(any, one.input));
    CHECK(any.lipschitz_upper_bound() >= norm);
    CHECK(any.lipschitz_upper_bound() <= norm * (1 + 1e-4));
    REQUIRE(any.plain().as<Conv2D<double>>());
    CHECK(any.plain().forward(x, {}).matrix() == y.matrix());
  }
}

TEST_CASE("GroupedConv2D has the weights that PyTorch's has, and writes out zeros between them") {
  GroupedConv2D<float> layer({.filters = 8, .kernel = {3, 2}, .dilation = 2, .groups = 4});
  Random random(1);
  build(layer, {9, 9, 8}, random);
  CHECK(layer.parameters()[0]->value.size() == 8 * 3 * 2 * 2);
  CHECK(layer.parameters()[0]->layout.row == Shape{3, 2, 2});
  const Matrix<float>& whole = layer.plain().weight();
  CHECK(whole.size() == 8 * 5 * 3 * 8);
  CHECK((whole.array() != 0).count() == 8 * 3 * 2 * 2);
}

TEST_CASE("GroupedConv2D refuses groups that do not share out its filters or channels") {
  CHECK_THROWS_WITH(GroupedConv2D<float>({.filters = 6, .groups = 4}), ContainsText("got 4 for 6"));
  CHECK_THROWS_WITH(GroupedConv2D<float>({.filters = 6, .groups = 0}), ContainsText("groups >= 1"));
  CHECK_THROWS_WITH(GroupedConv2D<float>({.filters = 6, .dilation = {1, 0}}),
                    ContainsText("1 x 0"));
  const GroupedConv2D<float> layer({.filters = 6, .groups = 3});
  CHECK_THROWS_WITH((void)layer.output_shape({4, 4, 4}), ContainsText("4x4x4"));
  CHECK_THROWS_AS((void)layer.memory({4, 4, 4}), ShapeError);
}
