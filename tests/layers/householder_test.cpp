// Householder: reflections of pairs of channels; distances stay, whatever the angle.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "gloro/layers/householder.hpp"
#include "gloro/layers/minmax.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

/// Placed on flat samples of one pair.
template <typename Scalar>
AnyLayer<Scalar> one_pair(Scalar angle) {
  AnyLayer<Scalar> layer = Householder<Scalar>(angle);
  layer.place(Shape::flat(2));
  return layer;
}

template <typename Scalar>
Tensor<Scalar> pair_of(double a, double b) {
  Tensor<Scalar> x(Shape::flat(2), 1);
  x.matrix() << static_cast<Scalar>(a), static_cast<Scalar>(b);
  return x;
}

}  // namespace

TEST_CASE("Householder by a right angle sorts halves, as MinMax does") {
  Random random(1);
  const Shape shape{3, 2, 6};
  AnyLayer<double> layer = Householder<double>();
  layer.place(shape);
  const auto x = check::random_tensor<double>(shape, 3, random);
  const auto sorted = MinMax<double>(MinMaxPairs::halves).forward(x, {});
  CHECK((layer.forward(x, {}).matrix() - sorted.matrix()).norm() < 1e-15 * x.matrix().norm());
}

TEST_CASE("Householder reflects at a line worked by hand") {
  // theta = pi: the line is b = 0... v = (1, 0), so a > 0 becomes -a: (-|a|, b).
  const double pi = std::numbers::pi;
  const auto y = one_pair<double>(pi).forward(pair_of<double>(3, 4), {});
  CHECK(y.data()[0] == Approx(-3));
  CHECK(y.data()[1] == Approx(4));
  const auto same = one_pair<double>(pi).forward(pair_of<double>(-3, 4), {});
  CHECK(same.data()[0] == -3);
  CHECK(same.data()[1] == 4);
  // theta = 0: v = (0, -1), so b < 0 becomes -b.
  const auto up = one_pair<double>(0).forward(pair_of<double>(3, -4), {});
  CHECK(up.data()[0] == Approx(3));
  CHECK(up.data()[1] == Approx(4));
}

TEST_CASE("Householder passes gradients back, to its angles too") {
  Random random(2);
  for (const Shape shape : {Shape::flat(8), Shape{2, 3, 4}}) {
    check::check_gradients(check::ready<double>(Householder<double>(), shape, random), shape, 3,
                           random);
    check::check_cast(check::ready<float>(Householder<float>(), shape, random), shape, 2, random);
  }
}

TEMPLATE_TEST_CASE("Householder keeps distances for any angle: its constant is one", "", float,
                   double) {
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    const auto layer =
        check::ready<TestType>(Householder<TestType>(), {2, 2, 6}, random);  // angles to +-3
    CHECK(layer.lipschitz() == 1);
    CHECK(layer.lipschitz_upper_bound() == 1);
    check::check_stretch(layer, {2, 2, 6}, random);
    const auto x = check::random_tensor<TestType>({2, 2, 6}, 1, random);
    CHECK(static_cast<double>(layer.forward(x, {}).matrix().norm()) ==
          Approx(static_cast<double>(x.matrix().norm())).epsilon(1e-6));
  }
  const auto lost = one_pair<TestType>(1);
  AnyLayer<TestType> broken = lost;
  broken.parameters()[0]->value.setConstant(std::numeric_limits<TestType>::quiet_NaN());
  CHECK(broken.lipschitz_upper_bound() == std::numeric_limits<double>::infinity());
}

TEMPLATE_TEST_CASE("Householder's rounding stays within its claim, also beside the line", "", float,
                   double) {
  Random random(4);
  double most = 0;
  for (int round = 0; round < 20000; ++round) {
    const auto angle = static_cast<TestType>(random.uniform(-7, 7));
    const auto wide = static_cast<long double>(angle);
    // Half of the points lie on the line but for rounding: which side they are on is then chance.
    const double r = std::exp2(random.uniform(-3, 3)), off = round % 2 ? 0 : random.uniform(0, 6.3);
    const auto x = pair_of<TestType>(r * std::cos(static_cast<double>(angle) / 2 + off),
                                     r * std::sin(static_cast<double>(angle) / 2 + off));
    const auto a = static_cast<long double>(x.data()[0]), b = static_cast<long double>(x.data()[1]);
    const bool turned = a * std::sin(wide / 2) - b * std::cos(wide / 2) > 0;
    const long double exact[] = {turned ? a * std::cos(wide) + b * std::sin(wide) : a,
                                 turned ? a * std::sin(wide) - b * std::cos(wide) : b};
    const AnyLayer<TestType> layer = one_pair<TestType>(angle);
    const auto y = layer.forward(x, {});
    const auto error =
        static_cast<double>(std::hypot(static_cast<long double>(y.data()[0]) - exact[0],
                                       static_cast<long double>(y.data()[1]) - exact[1]));
    const double allowed = layer.rounding().at(static_cast<double>(std::hypot(a, b)));
    CHECK(error <= allowed);
    most = std::max(most, error / allowed);
  }
  if (std::is_same_v<TestType, float>) CHECK(most > 0.1);
}

TEST_CASE("Householder refuses an odd number of channels and an angle that is none") {
  CHECK_THROWS_AS(Householder<float>().output_shape({2, 2, 3}), ShapeError);
  CHECK_THROWS_WITH(Householder<float>().output_shape({2, 2, 3}), ContainsText("2x2x3"));
  CHECK_THROWS_AS(Householder<double>(HUGE_VAL), ArgumentError);
}

TEST_CASE("Householder keeps a NaN, so that nothing looks certified") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (const double other : {-2.0, 0.0, 2.0}) {
    const auto first = one_pair<float>(1).forward(pair_of<float>(nan, other), {});
    const auto second = one_pair<float>(1).forward(pair_of<float>(other, nan), {});
    CHECK(std::isnan(first.matrix().sum()));
    CHECK(std::isnan(second.matrix().sum()));
  }
}
