// ExponentialConv2D and OrthogonalConv2D: against Eigen's matrix exponential, central differences and the norms of
// explicit matrices.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <unsupported/Eigen/MatrixFunctions>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/exponential_conv2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/orthogonal_conv2d.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

struct Turned {
  Shape input;
  Extent kernel;
};

const std::vector<Turned> turned_cases = {
    {{4, 3, 2}, 3}, {{3, 5, 1}, {1, 5}}, {{2, 2, 3}, {5, 3}}, {Shape::flat(6), 3}};

/// The matrix of A, by the Conv2D of the same weights.
template <typename Scalar>
Matrix<double> inner_matrix(const AnyLayer<Scalar>& layer, const Turned& one) {
  AnyLayer<Scalar> conv = Conv2D<Scalar>({.filters = one.input.channels,
                                          .kernel = one.input.is_flat() ? Extent(1) : one.kernel,
                                          .bias = false});
  Random unused(0);
  build(conv, one.input, unused);
  conv.parameters()[0]->value = layer.plain().parameters()[0]->value;
  return check::explicit_matrix(conv, one.input);
}

/// With ||A|| = size, V not skew-symmetric at all.
template <typename Scalar>
AnyLayer<Scalar> turning(const Turned& one, double size, std::uint64_t seed = 3) {
  Random random(seed);
  auto layer =
      check::ready<Scalar>(OrthogonalConv2D<Scalar>({.kernel = one.kernel}), one.input, random);
  layer.refresh_lipschitz(0);
  const double norm = check::spectral_norm(inner_matrix(layer, one));
  layer.parameters()[0]->value *= static_cast<Scalar>(size / norm);
  layer.refresh_lipschitz(300);
  return layer;
}

/// Of the exponential's series to the fourth power, at is.
double length_at(double s) {
  return std::hypot(1 - s * s / 2 + s * s * s * s / 24, s - s * s * s / 6);
}

}  // namespace

TEST_CASE("ExponentialConv2D is the exponential of its convolution to the fourth order") {
  Random random(1);
  for (const Turned& one : turned_cases) {
    CAPTURE(one.input);
    auto layer =
        check::ready<double>(ExponentialConv2D<double>({.kernel = one.kernel}), one.input, random);
    layer.parameters()[0]->value *= 0.1;
    const Matrix<double> a = inner_matrix(layer, one),
                         found = check::explicit_matrix(layer, one.input);
    const auto identity = Matrix<double>::Identity(a.rows(), a.cols());
    const Matrix<double> series =
        identity + a * (identity + a / 2 * (identity + a / 3 * (identity + a / 4)));
    CHECK((found - series).norm() <= 1e-13 * series.norm());
    // What is left of the series, in norm at most s^5 / 120 e^s.
    const double s = check::spectral_norm(a);
    CHECK(check::spectral_norm(found - a.exp()) <= std::pow(s, 5) / 120 * std::exp(s));
    CHECK(check::spectral_norm(found - a.exp()) > 0);
  }
}

TEST_CASE(
    "ExponentialConv2D against central differences and the norm of its matrix, A of any kind") {
  Random random(2);
  for (const Turned& one : turned_cases) {
    CAPTURE(one.input);
    auto layer =
        check::ready<double>(ExponentialConv2D<double>({.kernel = one.kernel}), one.input, random);
    layer.parameters()[0]->value *= 0.2;
    check::check_gradients(layer, one.input, 2, random);
    layer.refresh_lipschitz(50);
    check::check_lipschitz_gradient(layer);
    const double norm = check::spectral_norm(check::explicit_matrix(layer, one.input));
    CHECK(layer.lipschitz_upper_bound() >= norm);
    const double s = layer.as<ExponentialConv2D<double>>()->norm();
    CHECK(layer.lipschitz() == Approx(1 + s + s * s / 2 + s * s * s / 6 + s * s * s * s / 24));
  }
}

TEST_CASE("The bound of a multiple of the identity is that of the numbers' series") {
  AnyLayer<double> layer = ExponentialConv2D<double>();
  Random random(1);
  build(layer, Shape::flat(3), random);
  for (const double s : {0.5, 2.0}) {
    layer.parameters()[0]->value = s * Matrix<double>::Identity(3, 3);
    const double series = 1 + s + s * s / 2 + s * s * s / 6 + s * s * s * s / 24;
    CHECK(layer.lipschitz_upper_bound() >= series);
    CHECK(layer.lipschitz_upper_bound() == Approx(series));
  }
}

TEMPLATE_TEST_CASE("OrthogonalConv2D turns: what it stretches and shrinks is what its norm says",
                   "", float, double) {
  // A float layer's explicit matrix is rounded.
  const double off = std::is_same_v<TestType, double> ? 1e-12 : 1e-5;
  for (const Turned& one : turned_cases)
    for (const double size : {0.1, 1.0, 2.8284, 2.829, 4.0}) {
      CAPTURE(one.input, size);
      const auto layer = turning<TestType>(one, size);
      REQUIRE(layer.plain().template as<ExponentialConv2D<TestType>>()->is_skew());
      const Matrix<double> matrix = check::explicit_matrix(layer, one.input);
      const double norm = check::spectral_norm(matrix), bound = layer.lipschitz_upper_bound();
      CHECK(bound >= norm * (1 - off));
      CHECK(bound == Approx(std::max(1.0, length_at(size))).epsilon(1e-3));
      CHECK((size < 2.8284271 ? bound == 1 : bound > 1));
      CHECK(layer.lipschitz() <= bound * (1 + off));
      if (size <= 1) {
        const double least = 1 / check::spectral_norm(matrix.inverse());
        CHECK(least >= 1 - std::pow(size, 6) / 144 - off);
      }
    }
}

TEST_CASE("The bound of 1 is for a convolution that is skew-symmetric to the last bit") {
  for (const Turned& one : turned_cases) {
    const AnyLayer<double> layer = turning<double>(one, 1).plain();
    REQUIRE(layer.lipschitz_upper_bound() == 1);
    for (Index i = 0; i < layer.parameters()[0]->value.size(); ++i) {
      AnyLayer<double> touched = layer;
      double& weight = touched.parameters()[0]->value(i);
      weight = std::nextafter(weight, 10);
      CHECK(touched.lipschitz_upper_bound() > 2);
    }
  }
}

TEST_CASE("OrthogonalConv2D beyond the square root of 8: the slope of its norm") {
  for (const Turned& one : turned_cases) {
    AnyLayer<double> layer = turning<double>(one, 2.9);
    REQUIRE(layer.lipschitz() > 1);
    Gradients<double> gradients(std::as_const(layer).parameters());
    layer.lipschitz_backward(1, gradients.views());
    layer.parametrization_backward(gradients.views());
    for (Index i = 0; i < layer.parameters()[0]->value.size(); ++i) {
      const double slope = check::central_difference(layer.parameters()[0]->value(i), 0x1p-18, [&] {
        layer.refresh_lipschitz(0);
        return layer.lipschitz();
      });
      CHECK(std::abs(gradients.views()[0].data()[i] - slope) <= 1e-7 * (1 + std::abs(slope)));
    }
  }
}

TEST_CASE("OrthogonalConv2D keeps A until it is refreshed, and a skew-symmetric V is A") {
  AnyLayer<float> layer = turning<float>({{4, 3, 2}, 3}, 1);
  const Matrix<float> before = layer.plain().parameters()[0]->value;
  layer.parameters()[0]->value = before;
  layer.refresh_lipschitz(0);
  CHECK(layer.plain().parameters()[0]->value == before);
  layer.parameters()[0]->value(0, 0) += 1;
  layer.parameters()[0]->value(0, 5) += 1;
  CHECK(layer.plain().parameters()[0]->value == before);
  layer.refresh_lipschitz(0);
  CHECK(layer.plain().parameters()[0]->value != before);
  CHECK(layer.plain().as<ExponentialConv2D<float>>()->is_skew());
}

TEST_CASE("OrthogonalConv2D is drawn to turn by one radian at most") {
  AnyLayer<float> layer = OrthogonalConv2D<float>();
  Random random(3);
  build(layer, {8, 8, 6}, random);
  const AnyLayer<float> plain = layer.plain();
  CHECK(plain.as<ExponentialConv2D<float>>()->norm() == Approx(1).epsilon(1e-3));
  CHECK(plain.as<ExponentialConv2D<float>>()->is_skew());
  layer.refresh_lipschitz(0);
  CHECK(layer.plain().parameters()[0]->value == plain.parameters()[0]->value);
}

TEST_CASE("ExponentialConv2D refuses kernels without a centre") {
  for (const Extent kernel : {Extent(2), Extent(3, 4), Extent(0), Extent(-1)})
    CHECK_THROWS_WITH(ExponentialConv2D<float>({.kernel = kernel}), ContainsText("odd extents"));
  CHECK_THROWS_AS(ExponentialConv2D<float>().output_shape({0, 3, 2}), ShapeError);
}

TEST_CASE("ExponentialConv2D of A that is not finite, or whose powers overflow, bounds nothing") {
  AnyLayer<float> layer = turning<float>({{4, 3, 2}, 3}, 1).plain();
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), 1e38F}) {
    AnyLayer<float> broken = layer;
    broken.parameters()[0]->value.setConstant(value);
    CHECK_FALSE(broken.lipschitz_upper_bound() < 1e100);
    CHECK_FALSE(broken.rounding().relative < 1e30);
  }
}

TEST_CASE("ExponentialConv2D is held against its formula where that is quick") {
  Random random(5);
  AnyLayer<double> small = OrthogonalConv2D<double>(), wide = OrthogonalConv2D<double>();
  build(small, {20, 11, 2}, random);
  build(wide, {20, 20, 64}, random);
  const Tensor<double> x = check::random_tensor<double>({20, 11, 2}, 1, random);
  const Tensor<double> y = small.forward(x, {});
  for (Index i = 0; i < y.size(); i += 7) CHECK(*small.definition(x, i) == Approx(y.data()[i]));
  constexpr Index pixel = 210, middle = pixel * 64;  // which sees more than a corner does
  const Tensor<double> large = check::random_tensor<double>({20, 20, 64}, 1, random);
  for (const Index i : {Index{0}, middle}) CHECK_FALSE(wide.definition(large, i));
  CHECK_FALSE(wide.definitions(large));
  AnyLayer<double> chain = Chain<double>({MinMax<double>(), OrthogonalConv2D<double>()});
  build(chain, {20, 20, 64}, random);
  CHECK_FALSE(chain.definitions(large));
  CHECK_FALSE(chain.definition(large, 0));
}
