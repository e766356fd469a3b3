// MinMax: sorts pairs of channels, adjacent or half the channels apart; loses no distance locally.
#include "catch.hpp"

#include <limits>
#include <vector>

#include "gloro/layers/minmax.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

template <typename Scalar>
Tensor<Scalar> sample(Shape shape, const std::vector<Scalar>& values) {
  Tensor<Scalar> x(shape, static_cast<Index>(values.size()) / shape.size());
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

template <typename Scalar>
std::vector<Scalar> values(const Tensor<Scalar>& x) {
  return {x.data(), x.data() + x.size()};
}

}  // namespace

TEMPLATE_TEST_CASE("MinMax puts the smaller of each pair first", "", float, double) {
  using List = std::vector<TestType>;
  const MinMax<TestType> adjacent, halves(MinMaxPairs::halves);
  const List x{4, 1, 2, 3, -1, -5, 0, 0};
  // Two pixels of four channels.
  CHECK(values(adjacent.forward(sample<TestType>({1, 2, 4}, x), {})) ==
        List{1, 4, 2, 3, -5, -1, 0, 0});
  CHECK(values(halves.forward(sample<TestType>({1, 2, 4}, x), {})) ==
        List{2, 1, 4, 3, -1, -5, 0, 0});
  // One pixel of eight.
  CHECK(values(halves.forward(sample<TestType>(Shape::flat(8), x), {})) ==
        List{-1, -5, 0, 0, 4, 1, 2, 3});
}

TEMPLATE_TEST_CASE("MinMax sorts every pair of every pixel, with a tape and without", "", float,
                   double) {
  Random random(1);
  for (const auto pairs : {MinMaxPairs::adjacent, MinMaxPairs::halves})
    for (const Shape shape : {Shape::flat(2), Shape::flat(34), Shape{3, 5, 6}, Shape{2, 2, 64}}) {
      const MinMax<TestType> layer(pairs);
      const auto x = check::random_tensor<TestType>(shape, 3, random);
      Tape<TestType> tape;
      const auto y = layer.forward(x, {.tape = &tape});
      CHECK(values(layer.forward(x, {})) == values(y));
      const Index apart = pairs == MinMaxPairs::adjacent ? 1 : shape.channels / 2;
      for (Index i = 0; i < x.size(); ++i) {
        if (i / apart % 2 == 1) continue;  // the second of a pair
        CHECK(y.data()[i] == std::min(x.data()[i], x.data()[i + apart]));
        CHECK(y.data()[i + apart] == std::max(x.data()[i], x.data()[i + apart]));
      }
    }
}

TEST_CASE("MinMax sends every gradient to where its value came from") {
  Random random(2);
  for (const auto pairs : {MinMaxPairs::adjacent, MinMaxPairs::halves})
    for (const Shape shape : {Shape::flat(8), Shape{2, 3, 4}})
      check::check_gradients(MinMax<double>(pairs), shape, 2, random);
}

TEMPLATE_TEST_CASE("MinMax keeps distances: its constant is one, exactly", "", float, double) {
  Random random(3);
  for (const auto pairs : {MinMaxPairs::adjacent, MinMaxPairs::halves}) {
    AnyLayer<TestType> layer = MinMax<TestType>(pairs);
    layer.refresh_lipschitz(5);
    CHECK(layer.lipschitz() == 1);
    CHECK(layer.lipschitz_upper_bound() == 1);
    CHECK(layer.parameters().empty());
    CHECK(layer.rounding().relative == 0);
    check::check_stretch(layer, {3, 3, 4}, random);
  }
  const auto y = MinMax<TestType>().forward(sample<TestType>(Shape::flat(2), {3, -4}), {});
  CHECK(y.matrix().norm() == 5);
}

TEST_CASE("MinMax gives the same in float and double") {
  Random random(4);
  check::check_cast(MinMax<float>(), {2, 3, 4}, 2, random);
  check::check_cast(MinMax<float>(MinMaxPairs::halves), {2, 3, 4}, 2, random);
}

TEST_CASE("MinMax keeps a NaN and its partner, so that nothing looks certified") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto pairs : {MinMaxPairs::adjacent, MinMaxPairs::halves})
    for (const bool is_first : {true, false}) {
      const auto y = MinMax<float>(pairs).forward(
          sample<float>(Shape::flat(2), {is_first ? nan : 7, is_first ? 7 : nan}), {});
      CHECK(std::isnan(y.data()[0]) + std::isnan(y.data()[1]) == 1);
      CHECK((y.data()[0] == 7 || y.data()[1] == 7));
    }
}

TEST_CASE("MinMax refuses an odd number of channels, and names the input") {
  CHECK_THROWS_AS(MinMax<float>().output_shape(Shape::flat(3)), ShapeError);
  CHECK_THROWS_WITH(MinMax<float>(MinMaxPairs::halves).output_shape({4, 4, 5}),
                    ContainsText("4x4x5"));
  CHECK(MinMax<float>().output_shape({3, 3, 2}) == Shape{3, 3, 2});
}

TEST_CASE("MinMax describes its pairing where it is not the usual one") {
  CHECK(MinMax<float>().describe().options.empty());
  CHECK(std::get<std::string>(MinMax<float>(MinMaxPairs::halves).describe().options.at(0).second) ==
        "halves");
}
