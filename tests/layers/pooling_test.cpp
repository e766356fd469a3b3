// AveragePooling2D, MaxPooling2D and L2Pooling2D: against plain loops, central differences and explicit matrices.
#include "catch.hpp"

#include <limits>
#include <vector>

#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/l2_pooling2d.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

struct PoolingCase {
  Shape input;
  PoolingOptions options;
};

std::vector<PoolingCase> pooling_cases() {
  const Padding same = Padding::same, valid = Padding::valid;
  return {
      {{4, 4, 1}, {}},
      {{4, 6, 3}, {.pool = {2, 3}}},
      {{5, 5, 2}, {.pool = 2}},  // the last row and column are left out
      {{5, 5, 2}, {.pool = 2, .padding = same}},
      {{6, 5, 1}, {.pool = 3, .stride = 1, .padding = valid}},
      {{6, 5, 2}, {.pool = 3, .stride = 2, .padding = same}},
      {{5, 5, 1}, {.pool = 3, .stride = 1, .padding = same}},
      {{3, 7, 2}, {.pool = {1, 2}, .stride = {2, 3}}},
      {{4, 4, 2}, {.pool = 3, .stride = 2, .padding = {1, 1, 2, 0}}},
      {{1, 1, 4}, {.pool = 1}},
  };
}

/// The values of channel `channel` that lie in the window of output (row, column).
template <typename Scalar>
std::vector<double> window(const PoolingCase& one, const Scalar* image, Index row, Index column,
                           Index channel) {
  const Extent stride = one.options.stride == Extent(0) ? one.options.pool : one.options.stride;
  const auto g = Window{one.options.pool, stride, one.options.padding}.on(one.input, 1);
  std::vector<double> values;
  for (Index ky = 0; ky < g.kernel_height; ++ky)
    for (Index kx = 0; kx < g.kernel_width; ++kx) {
      const Index y = row * g.stride_height + ky - g.pad_top;
      const Index x = column * g.stride_width + kx - g.pad_left;
      if (y < 0 || y >= one.input.height || x < 0 || x >= one.input.width) continue;
      values.push_back(
          static_cast<double>(image[(y * one.input.width + x) * one.input.channels + channel]));
    }
  return values;
}

/// Calls visit(output value, the values of its window) for every output of a few random images.
template <typename Scalar, typename Visit>
void for_each_window(const PoolingCase& one, AnyLayer<Scalar> layer, Visit&& visit) {
  Random random(1);
  build(layer, one.input, random);
  const Tensor<Scalar> x = check::random_tensor<Scalar>(one.input, 2, random);
  const Tensor<Scalar> y = layer.forward(x, {});
  REQUIRE(y.shape() == layer.output_shape(one.input));
  const Scalar* value = y.data();
  for (Index n = 0; n < 2; ++n)
    for (Index row = 0; row < y.shape().height; ++row)
      for (Index column = 0; column < y.shape().width; ++column)
        for (Index channel = 0; channel < y.shape().channels; ++channel, ++value)
          visit(static_cast<double>(*value), window(one, x.sample(n), row, column, channel));
}

}  // namespace

TEMPLATE_TEST_CASE("Average pooling is the mean over the pixels in each window, padding left out",
                   "", float, double) {
  for (const PoolingCase& one : pooling_cases())
    for_each_window<TestType>(
        one, AveragePooling2D<TestType>(one.options),
        [](double value, const std::vector<double>& in) {
          double sum = 0, magnitude = 0;
          for (const double x : in) sum += x, magnitude += std::abs(x);
          const auto count = static_cast<double>(in.size());
          CHECK(std::abs(value - sum / count) <=
                check::tolerance<TestType>(static_cast<Index>(in.size()), magnitude / count));
        });
}

TEMPLATE_TEST_CASE("Max pooling is the largest pixel in each window, padding left out", "", float,
                   double) {
  for (const PoolingCase& one : pooling_cases())
    for_each_window<TestType>(one, MaxPooling2D<TestType>(one.options),
                              [](double value, const std::vector<double>& in) {
                                CHECK(value == *std::max_element(in.begin(), in.end()));
                              });
}

TEST_CASE("Average pooling passes gradients back, and its constant is the norm of its matrix") {
  Random random(2);
  for (const PoolingCase& one : pooling_cases()) {
    CAPTURE(one.input.height, one.options.pool.height, one.options.stride.height);
    check::check_affine(
        [&](auto scalar) { return AveragePooling2D<decltype(scalar)>(one.options); }, one.input, 2,
        random, {.above = 1e-3});
    AnyLayer<double> layer = AveragePooling2D<double>(one.options);
    build(layer, one.input, random);
    const double norm = check::spectral_norm(check::explicit_matrix(layer, one.input));
    CHECK(layer.lipschitz_upper_bound() <= norm * (1 + 1e-3));
  }
}

TEST_CASE("Average pooling by windows side by side has constant one over the root of their size") {
  Random random(3);
  AnyLayer<double> layer = AveragePooling2D<double>({.pool = {2, 3}});
  build(layer, {8, 9, 4}, random);
  CHECK(layer.lipschitz_upper_bound() >= 1 / std::sqrt(6.0));
  CHECK(layer.lipschitz_upper_bound() == Approx(1 / std::sqrt(6.0)).epsilon(1e-4));
}

TEST_CASE("Average pooling along an axis too long for its matrix is bounded all the same") {
  Random random(8);
  const auto bound = [&](PoolingOptions options) {
    AnyLayer<double> layer = AveragePooling2D<double>(options);
    build(layer, {1, 1500, 2}, random);
    check::check_stretch(layer, {1, 1500, 2}, random);
    return layer.lipschitz_upper_bound();
  };
  CHECK(bound({.pool = {1, 4}}) >= 0.5);
  CHECK(bound({.pool = {1, 4}}) == Approx(0.5).epsilon(1e-9));
  // A constant image keeps its values. Three windows share a pixel, and the last has two of its own.
  const double overlapping = bound({.pool = {1, 3}, .stride = 1, .padding = Padding::same});
  CHECK(overlapping >= 1);
  CHECK(overlapping == Approx(std::sqrt(1.5)).epsilon(1e-9));
}

TEST_CASE("Max pooling sends each gradient to the largest pixel of its window") {
  Random random(4);
  for (const PoolingCase& one : pooling_cases()) {
    CAPTURE(one.input.height, one.options.pool.height, one.options.stride.height);
    AnyLayer<double> layer = MaxPooling2D<double>(one.options);
    build(layer, one.input, random);
    check::check_gradients(layer, one.input, 2, random);
    check::check_stretch(layer, one.input, random);
    AnyLayer<float> single = MaxPooling2D<float>(one.options);
    build(single, one.input, random);
    check::check_cast(single, one.input, 2, random);
    check::check_stretch(single, one.input, random);
  }
}

TEST_CASE("Max pooling's constant is the root of how many windows share a pixel, and reached") {
  Random random(5);
  const auto bound = [&](Shape input, PoolingOptions options) {
    AnyLayer<double> layer = MaxPooling2D<double>(options);
    build(layer, input, random);
    CHECK(layer.lipschitz() == layer.lipschitz_upper_bound());
    return layer.lipschitz_upper_bound();
  };
  CHECK(bound({8, 8, 1}, {.pool = 2}) == 1);
  CHECK(bound({8, 8, 1}, {.pool = 2, .stride = 3}) == 1);
  CHECK(bound({7, 7, 1}, {.pool = 3, .stride = 2}) == Approx(2));
  CHECK(bound({8, 8, 1}, {.pool = 3, .stride = 1}) == Approx(3));
  CHECK(bound({8, 8, 1}, {.pool = {3, 1}, .stride = 1}) == Approx(std::sqrt(3.0)));

  // One bright pixel in the middle of nine windows: the output moves three times as far.
  AnyLayer<double> layer = MaxPooling2D<double>({.pool = 3, .stride = 1});
  build(layer, {5, 5, 1}, random);
  Tensor<double> x(Shape{5, 5, 1}, 1);
  x.matrix().setZero();
  x.data()[12] = 1;
  CHECK(layer.forward(x, {}).matrix().norm() == 3);
}

TEST_CASE("Max pooling's constant is never below the root that it stands for") {
  Random random(7);
  for (Index windows = 2; windows <= 40; ++windows) {
    AnyLayer<double> layer = MaxPooling2D<double>({.pool = {1, windows}, .stride = 1});
    build(layer, {1, 100, 1}, random);
    const double bound = layer.lipschitz_upper_bound();
    CHECK(std::fma(bound, bound, -static_cast<double>(windows)) >= 0);
    CHECK(bound <= std::sqrt(static_cast<double>(windows)) * (1 + 1e-15));
  }
}

TEST_CASE("Of equal pixels the first of a window has its gradient") {
  Random random(9);
  AnyLayer<float> layer = MaxPooling2D<float>(2);
  build(layer, {2, 4, 1}, random);
  Tensor<float> x(Shape{2, 4, 1}, 1), dy(Shape{1, 2, 1}, 1);
  x.matrix() << 0, 3, 2, 2, 3, 3, 1, 2;
  dy.matrix() << 5, 7;
  Tape<float> tape;
  (void)layer.forward(x, {.tape = &tape});
  const Tensor<float> dx = layer.backward(std::move(dy), {.tape = tape});
  Matrix<float> expected(8, 1);
  expected << 0, 5, 7, 0, 0, 0, 0, 0;
  CHECK(dx.matrix() == expected);
}

TEST_CASE("A NaN anywhere in a window wins it") {
  Random random(6);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (AnyLayer<float> layer :
       {AnyLayer<float>(MaxPooling2D<float>(2)), AnyLayer<float>(AveragePooling2D<float>(2))}) {
    build(layer, {2, 2, 1}, random);
    for (Index at = 0; at < 4; ++at) {
      Tensor<float> x(Shape{2, 2, 1}, 1);
      for (Index i = 0; i < 4; ++i) x.data()[i] = i == at ? nan : static_cast<float>(i);
      CHECK(std::isnan(layer.forward(x, {}).data()[0]));
    }
  }
}

TEST_CASE("Without a stride, pooling windows lie side by side") {
  CHECK(AveragePooling2D<float>({.pool = {2, 3}}).output_shape({4, 9, 5}) == Shape{2, 3, 5});
  CHECK(MaxPooling2D<float>({.pool = {2, 3}}).output_shape({4, 9, 5}) == Shape{2, 3, 5});
  CHECK(MaxPooling2D<float>(3).output_shape({9, 9, 1}) == Shape{3, 3, 1});
  CHECK(AveragePooling2D<float>().output_shape({8, 8, 1}) == Shape{4, 4, 1});
  CHECK(std::get<std::vector<Index>>(MaxPooling2D<float>(3).describe().options.at(1).second) ==
        std::vector<Index>{3, 3});
}

TEST_CASE("Pooling windows that do not fit, or hold nothing but padding, are refused") {
  CHECK_THROWS_AS(AveragePooling2D<float>(3).output_shape({2, 4, 1}), ShapeError);
  CHECK_THROWS_AS(MaxPooling2D<float>(3).output_shape({4, 2, 1}), ShapeError);
  CHECK_THROWS_WITH(
      AveragePooling2D<float>({.pool = 2, .padding = {2, 0, 0, 0}}).output_shape({4, 4, 1}),
      ContainsText("padding"));
  CHECK_THROWS_AS(MaxPooling2D<float>({.pool = {0, 2}}).output_shape({4, 4, 1}), ArgumentError);
  CHECK_THROWS_AS(MaxPooling2D<float>({.pool = 2, .stride = {0, 2}}).output_shape({4, 4, 1}),
                  ArgumentError);
}

TEMPLATE_TEST_CASE("Scaled average pooling is the sum of a window over the root of its pixels", "",
                   float, double) {
  for (const PoolingCase& one : pooling_cases())
    for_each_window<TestType>(
        one, AveragePooling2D<TestType>(one.options, Averaging::scaled),
        [](double value, const std::vector<double>& in) {
          double sum = 0, magnitude = 0;
          for (const double x : in) sum += x, magnitude += std::abs(x);
          const double root = std::sqrt(static_cast<double>(in.size()));
          CHECK(std::abs(value - sum / root) <=
                check::tolerance<TestType>(static_cast<Index>(in.size()), magnitude / root));
        });
}

TEST_CASE(
    "Scaled average pooling has the norm of its matrix, which is one for windows side by side") {
  Random random(11);
  for (const PoolingCase& one : pooling_cases()) {
    CAPTURE(one.input.height, one.options.pool.height, one.options.stride.height);
    check::check_affine(
        [&](auto scalar) {
          return AveragePooling2D<decltype(scalar)>(one.options, Averaging::scaled);
        },
        one.input, 2, random, {.above = 1e-3});
    AnyLayer<double> layer = AveragePooling2D<double>(one.options, Averaging::scaled);
    build(layer, one.input, random);
    const double norm = check::spectral_norm(check::explicit_matrix(layer, one.input));
    CHECK(layer.lipschitz_upper_bound() <= norm * (1 + 1e-3));
  }
  AnyLayer<double> layer = AveragePooling2D<double>({.pool = {2, 3}}, Averaging::scaled);
  build(layer, {8, 9, 4}, random);
  CHECK(layer.lipschitz_upper_bound() >= 1);
  CHECK(layer.lipschitz_upper_bound() == Approx(1).epsilon(1e-4));
  // Along an axis that is too long for its matrix.
  AnyLayer<double> longer = AveragePooling2D<double>({.pool = {1, 4}}, Averaging::scaled);
  build(longer, {1, 1500, 2}, random);
  CHECK(longer.lipschitz_upper_bound() >= 1);
  CHECK(longer.lipschitz_upper_bound() == Approx(1).epsilon(1e-9));
}

TEMPLATE_TEST_CASE("L2 pooling is the norm of each window, padding left out", "", float, double) {
  for (const PoolingCase& one : pooling_cases())
    for_each_window<TestType>(
        one, L2Pooling2D<TestType>(one.options), [](double value, const std::vector<double>& in) {
          double squares = 0;
          for (const double x : in) squares += x * x;
          CHECK(std::abs(value - std::sqrt(squares)) <=
                check::tolerance<TestType>(static_cast<Index>(in.size()), std::sqrt(squares)));
        });
}

TEST_CASE("L2 pooling passes gradients back, none from a window of zeros") {
  Random random(12);
  for (const PoolingCase& one : pooling_cases()) {
    CAPTURE(one.input.height, one.options.pool.height, one.options.stride.height);
    AnyLayer<double> layer = L2Pooling2D<double>(one.options);
    build(layer, one.input, random);
    check::check_stretch(layer, one.input, random);
    AnyLayer<float> single = L2Pooling2D<float>(one.options);
    build(single, one.input, random);
    check::check_stretch(single, one.input, random);
    if (one.options.pool == Extent(1))
      continue;  // |x|, whose slope the next checks would divide by
    check::check_gradients(layer, one.input, 2, random);
    check::check_cast(single, one.input, 2, random);
  }
  AnyLayer<double> layer = L2Pooling2D<double>(2);
  build(layer, {2, 4, 1}, random);
  Tensor<double> x({2, 4, 1}, 1), dy({1, 2, 1}, 1);
  x.matrix() << 0, 0, 3, 0, 0, 0, 4, 0;
  dy.matrix().setOnes();
  Tape<double> tape;
  CHECK(layer.forward(x, {.tape = &tape}).matrix() == Vector<double>{{0, 5}});
  const Vector<double> expected{{0, 0, 0.6, 0, 0, 0, 0.8, 0}};
  CHECK((layer.backward(dy, {.tape = tape}).matrix() - expected).norm() < 1e-15);
}

TEST_CASE("L2 pooling's constant is one side by side, and the root of the windows on a pixel") {
  Random random(13);
  const auto bound = [&](Shape input, PoolingOptions options) {
    AnyLayer<double> layer = L2Pooling2D<double>(options);
    build(layer, input, random);
    return layer.lipschitz_upper_bound();
  };
  CHECK(bound({8, 8, 1}, {.pool = 2}) == 1);
  CHECK(bound({8, 8, 3}, {.pool = 0}) == 1);
  CHECK(bound({8, 8, 1}, {.pool = 3, .stride = 1}) == Approx(3));
  CHECK(bound({8, 8, 1}, {.pool = 3, .stride = 1}) >= 3);
  // One bright pixel in the middle of nine windows: the output moves three times as far.
  AnyLayer<double> layer = L2Pooling2D<double>({.pool = 3, .stride = 1});
  build(layer, {5, 5, 1}, random);
  Tensor<double> x(Shape{5, 5, 1}, 1);
  x.matrix().setZero();
  x.data()[12] = 1;
  CHECK(layer.forward(x, {}).matrix().norm() == 3);
}

TEST_CASE("L2 pooling claims the rounding of its whole window, and squares that are lost") {
  const Shape input{32, 32, 1};
  AnyLayer<float> layer = L2Pooling2D<float>(0);
  Random random(14);
  build(layer, input, random);
  double most = 0;
  // 1, and then numbers whose squares are just too small to move a sum of 1: each of them is lost.
  for (const float rest : {0x1.6p-13F, 1.0F, 0x1p-70F}) {
    Tensor<float> x(input, 1);
    x.matrix().setConstant(rest);
    if (rest != 0x1p-70F) x.data()[0] = 1;
    long double squares = 0;
    for (Index i = 0; i < x.size(); ++i)
      squares += static_cast<long double>(x.data()[i]) * static_cast<long double>(x.data()[i]);
    const auto norm = static_cast<double>(std::sqrt(squares));
    const double off = std::abs(static_cast<double>(layer.forward(x, {}).data()[0]) - norm);
    CHECK(off <= layer.rounding().at(norm));
    most = std::max(most, off / layer.rounding().at(norm));
  }
  CHECK(most > 0.1);
}

TEST_CASE("A pool of nothing is the whole image, whatever its extents") {
  Random random(15);
  const Shape input{5, 4, 3};
  const auto x = check::random_tensor<double>(input, 2, random);
  const auto same = [&](AnyLayer<double> whole, AnyLayer<double> given) {
    build(whole, input, random);
    build(given, input, random);
    CHECK(whole.output_shape(input) == Shape{1, 1, 3});
    CHECK(whole.forward(x, {}).matrix() == given.forward(x, {}).matrix());
    CHECK(whole.lipschitz_upper_bound() == given.lipschitz_upper_bound());
  };
  same(AveragePooling2D<double>(0), AveragePooling2D<double>({.pool = {5, 4}}));
  same(MaxPooling2D<double>(0), MaxPooling2D<double>({.pool = {5, 4}}));
  same(L2Pooling2D<double>(0), L2Pooling2D<double>({.pool = {5, 4}}));
  CHECK_THROWS_AS(MaxPooling2D<double>({.pool = {0, 4}}).output_shape(input), ArgumentError);
}
