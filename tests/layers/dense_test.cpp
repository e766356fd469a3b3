// Dense: against a plain loop, central differences and the norm of its matrix.
#include "catch.hpp"

#include "gloro/layers/dense.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

TEMPLATE_TEST_CASE("Dense is W x + b on the flattened sample", "", float, double) {
  using Scalar = TestType;
  const bool has_bias = GENERATE(true, false);
  Random random(1);
  for (const Shape input : {Shape::flat(1), Shape::flat(7), Shape{3, 2, 4}, Shape::flat(300)})
    for (const Index units : {1, 2, 10, 33}) {
      Dense<Scalar> dense({.units = units, .bias = has_bias});
      CHECK(dense.output_shape(input) == Shape::flat(units));
      build(dense, input, random);
      REQUIRE(dense.parameters().size() == (has_bias ? 2 : 1));
      for (auto* parameter : dense.parameters())
        for (Index i = 0; i < parameter->value.size(); ++i)
          parameter->value(i) = static_cast<Scalar>(random.normal());
      const Tensor<Scalar> x = check::random_tensor<Scalar>(input, 5, random);
      const Tensor<Scalar> y = dense.forward(x, {});
      REQUIRE(y.shape() == Shape::flat(units));
      for (Index n = 0; n < 5; ++n)
        for (Index i = 0; i < units; ++i) {
          double sum = has_bias ? static_cast<double>(dense.bias()(i)) : 0,
                 magnitude = std::abs(sum);
          for (Index k = 0; k < input.size(); ++k) {
            const double term =
                static_cast<double>(dense.weight()(i, k)) * static_cast<double>(x.sample(n)[k]);
            sum += term;
            magnitude += std::abs(term);
          }
          CHECK(std::abs(static_cast<double>(y.sample(n)[i]) - sum) <=
                check::tolerance<Scalar>(input.size(), magnitude));
        }
    }
}

TEST_CASE("Dense passes gradients back, and its Lipschitz constant is the norm of W") {
  Random random(2);
  for (const bool has_bias : {true, false})
    for (const Shape input : {Shape::flat(1), Shape::flat(6), Shape{2, 3, 2}})
      for (const Index units : {1, 4, 9})
        check::check_affine(
            [&](auto scalar) {
              return Dense<decltype(scalar)>({.units = units, .bias = has_bias});
            },
            input, 3, random);
}

TEST_CASE("A Dense of zeros has Lipschitz constant zero, and passes no gradient of it") {
  Random random(3);
  AnyLayer<double> dense = Dense<double>(3);
  build(dense, Shape::flat(4), random);
  dense.parameters()[0]->value.setZero();
  dense.refresh_lipschitz(3);
  CHECK(dense.lipschitz() == 0);
  CHECK(dense.lipschitz_upper_bound() == 0);
  Gradients<double> gradients(std::as_const(dense).parameters());
  dense.lipschitz_backward(1, gradients.views());
  CHECK(gradients.flat().isZero(0));
  dense.parameters()[0]->value.setOnes();
  dense.refresh_lipschitz(3);
  CHECK(dense.lipschitz() == Approx(std::sqrt(12)));  // the stored vector survived
}

TEST_CASE("A Dense with a NaN weight has an infinite bound") {
  Random random(4);
  AnyLayer<float> dense = Dense<float>(3);
  build(dense, Shape::flat(4), random);
  dense.parameters()[0]->value(1, 2) = std::numeric_limits<float>::quiet_NaN();
  CHECK(dense.lipschitz_upper_bound() == std::numeric_limits<double>::infinity());
}

TEST_CASE("A Dense takes an empty batch, forward and backward") {
  Random random(5);
  for (const Index units : {3, 64}) {
    AnyLayer<float> dense = Dense<float>(units);
    build(dense, Shape::flat(40), random);
    Tape<float> tape;
    Tensor<float> y = dense.forward(Tensor<float>(Shape::flat(40), 0), {.tape = &tape});
    CHECK(y.batch() == 0);
    Gradients<float> gradients(std::as_const(dense).parameters());
    const auto dx = dense.backward(std::move(y), {.tape = tape, .gradients = gradients.views()});
    CHECK(dx.batch() == 0);
    CHECK(gradients.flat().isZero(0));
  }
}

TEST_CASE("A Dense without units, or on nothing, is refused") {
  CHECK_THROWS_AS(Dense<float>(0), ArgumentError);
  CHECK_THROWS_WITH(Dense<float>(-3), ContainsText("-3"));
  CHECK_THROWS_AS(Dense<float>(2).output_shape({0, 5, 5}), ShapeError);
}

TEST_CASE("A Dense begins with orthonormal rows or columns, and Lipschitz constant one") {
  Random random(6);
  for (const Index units : {3, 8, 20}) {
    AnyLayer<double> dense = Dense<double>(units);
    build(dense, Shape::flat(8), random);
    CHECK(check::spectral_norm(dense.parameters()[0]->value) == Approx(1).epsilon(1e-12));
    CHECK(dense.parameters()[1]->value.isZero(0));
  }
}

TEST_CASE("A Dense describes itself") {
  const Description description = Dense<float>(12).describe();
  CHECK(description.type == "dense");
  REQUIRE(description.options.size() == 1);
  CHECK(std::get<Index>(description.options[0].second) == 12);
  CHECK(Dense<float>({.units = 2, .bias = false}).describe().options.size() == 2);
}
