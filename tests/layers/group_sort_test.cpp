// GroupSort: groups of channels in ascending order; a permutation of its inputs.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gloro/layers/group_sort.hpp"
#include "gloro/layers/minmax.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

TEMPLATE_TEST_CASE("GroupSort sorts each group of channels of every pixel", "", float, double) {
  Random random(1);
  for (const Index group : {1, 2, 3, 4, 6, 12, 0}) {
    const Shape shape{2, 3, 12};
    const auto x = check::random_tensor<TestType>(shape, 3, random);
    Tape<TestType> tape;
    const auto y = GroupSort<TestType>(group).forward(x, {.tape = &tape});
    CHECK(GroupSort<TestType>(group).forward(x, {}).matrix() == y.matrix());
    const Index count = group == 0 ? 12 : group;
    for (Index first = 0; first < x.size(); first += count) {
      std::vector<TestType> sorted(x.data() + first, x.data() + first + count);
      std::sort(sorted.begin(), sorted.end());
      CHECK(std::equal(sorted.begin(), sorted.end(), y.data() + first));
    }
  }
}

TEST_CASE("GroupSort by pairs is MinMax, forward and backward") {
  Random random(2);
  const auto x = check::random_tensor<float>({3, 3, 6}, 4, random);
  const auto dy = check::random_tensor<float>({3, 3, 6}, 4, random);
  const auto both = [&](const AnyLayer<float>& layer) {
    Tape<float> tape;
    Matrix<float> all(x.shape().size(), 8);
    all.leftCols(4) = layer.forward(x, {.tape = &tape}).matrix();
    all.rightCols(4) = layer.backward(dy, {.tape = tape}).matrix();
    return all;
  };
  CHECK(both(GroupSort<float>(2)) == both(MinMax<float>()));
}

TEST_CASE("GroupSort sends every gradient to where its value came from") {
  Random random(3);
  for (const Index group : {3, 6, 0}) {
    check::check_gradients(GroupSort<double>(group), {2, 3, 6}, 2, random);
    check::check_cast(GroupSort<float>(group), {2, 3, 6}, 2, random);
  }
  // Equal values: each gets one gradient, in their order.
  Tensor<double> x(Shape::flat(3), 1);
  x.matrix().setConstant(1);
  Tensor<double> dy(Shape::flat(3), 1);
  dy.matrix() << 1, 2, 3;
  Tape<double> tape;
  (void)GroupSort<double>().forward(x, {.tape = &tape});
  CHECK(GroupSort<double>().backward(dy, {.tape = tape}).matrix() == dy.matrix());
}

TEMPLATE_TEST_CASE("GroupSort keeps distances: its constant is one, exactly", "", float, double) {
  Random random(4);
  for (const Index group : {3, 0}) {
    const AnyLayer<TestType> layer = GroupSort<TestType>(group);
    CHECK(layer.lipschitz() == 1);
    CHECK(layer.lipschitz_upper_bound() == 1);
    CHECK(layer.rounding().is_exact());
    check::check_stretch(layer, {3, 3, 6}, random);
  }
}

TEST_CASE("GroupSort keeps every NaN, at the end of its group, so that nothing looks certified") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Random random(5);
  for (int round = 0; round < 50; ++round) {
    auto x = check::random_tensor<float>(Shape::flat(40), 1, random);
    for (const Index at : {round % 40, 7, 39}) x.data()[at] = nan;
    const Index lost = 40 - (x.matrix().array() == x.matrix().array()).count();
    const auto y = GroupSort<float>().forward(x, {});
    CHECK(std::is_sorted(y.data(), y.data() + 40 - lost));
    for (Index i = 40 - lost; i < 40; ++i) CHECK(std::isnan(y.data()[i]));
  }
}

TEST_CASE("GroupSort refuses channels that its group does not divide, and names the input") {
  CHECK_THROWS_AS(GroupSort<float>(4).output_shape({4, 4, 6}), ShapeError);
  CHECK_THROWS_WITH(GroupSort<float>(4).output_shape({4, 4, 6}), ContainsText("4x4x6"));
  CHECK_THROWS_AS(GroupSort<float>(-1), ArgumentError);
  CHECK(GroupSort<float>().output_shape({4, 4, 7}) == Shape{4, 4, 7});
}
