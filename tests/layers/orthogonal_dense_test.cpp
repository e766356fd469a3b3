// OrthogonalDense: its matrix against a Householder QR factorisation, its norm, and what it is once trained.
#include "catch.hpp"

#include <Eigen/QR>

#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/layers/orthogonal_dense.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

/// With a V that is far from orthogonal, its rows or columns of very different lengths.
template <typename Scalar>
OrthogonalDense<Scalar> stretched(Index units, Index inputs) {
  OrthogonalDense<Scalar> layer(units);
  Random random(9);
  build(layer, Shape::flat(inputs), random);
  auto& original = layer.parameters()[0]->value;
  for (Index i = 0; i < original.size(); ++i)
    original(i) = static_cast<Scalar>(random.normal() * (1 + static_cast<double>(i % units)));
  layer.refresh_lipschitz(1);
  return layer;
}

constexpr std::pair<Index, Index> extents[] = {{1, 1}, {1, 7}, {7, 1}, {12, 12}, {5, 30}, {30, 5}};

}  // namespace

TEMPLATE_TEST_CASE("OrthogonalDense multiplies by the orthogonal factor of its free weights", "",
                   float, double) {
  for (const auto& [units, inputs] : extents) {
    CAPTURE(units, inputs);
    auto layer = stretched<TestType>(units, inputs);
    // V = L W is V^T = W^T L^T, the QR factorisation whose R has a positive diagonal.
    Matrix<double> tall = layer.parameters()[0]->value.template cast<double>();
    Matrix<double> found = layer.weight().template cast<double>();
    if (units <= inputs) tall = tall.transpose().eval(), found = found.transpose().eval();
    const Eigen::HouseholderQR<Matrix<double>> qr(tall);
    Matrix<double> expected =
        qr.householderQ() * Matrix<double>::Identity(tall.rows(), tall.cols());
    for (Index i = 0; i < tall.cols(); ++i)
      if (qr.matrixQR()(i, i) < 0) expected.col(i) *= -1;
    // A condition of a hundred at most, squared, in double; and one rounding to Scalar.
    const double off = 1e-9 + static_cast<double>(std::numeric_limits<TestType>::epsilon());
    CHECK((found - expected).cwiseAbs().maxCoeff() <= off);
    const double norm = check::spectral_norm(layer.weight().template cast<double>());
    CHECK(norm == Approx(1).epsilon(1e-6));
    CHECK(layer.lipschitz() == 1);
    CHECK(layer.lipschitz_upper_bound() >= norm);
    CHECK(layer.lipschitz_upper_bound() <= 1 + 2e-5);
  }
}

TEST_CASE("OrthogonalDense keeps its matrix until it is refreshed, and is that Dense") {
  auto layer = stretched<float>(4, 6);
  const Matrix<float> before = layer.weight();
  layer.parameters()[0]->value *= 2;  // the same rows, twice as long: the same matrix
  layer.parameters()[0]->value(0, 0) += 1;
  CHECK(layer.weight() == before);
  const AnyLayer<float> any = layer;
  REQUIRE(any.plain().as<Dense<float>>());
  CHECK(any.plain().as<Dense<float>>()->weight() == before);
  CHECK(any.plain().describe().type == "dense");
  CHECK(any.cast<double>().plain().as<Dense<double>>()->weight() == before.cast<double>());
  layer.refresh_lipschitz(0);
  CHECK(layer.weight() != before);
}

TEST_CASE("OrthogonalDense is drawn orthogonal, and stays as it is drawn") {
  OrthogonalDense<double> layer(8);
  Random random(3);
  build(layer, Shape::flat(20), random);
  const Matrix<double> drawn = layer.weight();
  layer.refresh_lipschitz(0);
  CHECK((layer.weight() - drawn).cwiseAbs().maxCoeff() <= 1e-11);
}

TEST_CASE("OrthogonalDense shortens a direction that its free weights do not have, and goes on") {
  auto layer = stretched<double>(3, 5);
  auto& original = layer.parameters()[0]->value;
  original.row(2) = original.row(0) + original.row(1);
  layer.refresh_lipschitz(0);
  CHECK(layer.weight().allFinite());
  CHECK(layer.lipschitz_upper_bound() <= 1 + 2e-5);
}

TEST_CASE("OrthogonalDense makes no matrix of weights that are zero or no numbers") {
  auto layer = stretched<float>(3, 5);
  for (const float value : {0.0F, std::numeric_limits<float>::quiet_NaN()}) {
    layer.parameters()[0]->value.setConstant(value);
    CHECK_THROWS_WITH(layer.refresh_lipschitz(1), ContainsText("3 x 5"));
  }
}
