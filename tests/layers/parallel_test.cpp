// Parallel: branches of one input, added up or side by side.
#include "catch.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gloro/layers/chain.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/testing/check_layer.hpp"
#include "layers/composites.hpp"

using namespace gloro;

namespace {

const Shape branch_input{5, 4, 3};
constexpr Join joins[] = {Join::sum, Join::concatenate};

/// Three branches of four channels, or of 3, 4 and 2; the first is the identity where it may be.
template <typename Scalar>
Parallel<Scalar> branches(Join join) {
  const bool sums = join == Join::sum;
  return Parallel<Scalar>(
      {.branches = {sums ? AnyLayer<Scalar>(Conv2D<Scalar>({.filters = 4, .kernel = 1}))
                         : AnyLayer<Scalar>(Chain<Scalar>()),
                    Chain<Scalar>(std::vector<AnyLayer<Scalar>>{
                        Conv2D<Scalar>({.filters = 4, .kernel = {3, 2}}), MinMax<Scalar>()}),
                    Conv2D<Scalar>({.filters = sums ? 4 : 2, .kernel = 3, .bias = false})},
       .join = join});
}

template <typename Scalar>
AnyLayer<Scalar> nested(Join join) {
  return Parallel<Scalar>(
      {.branches = {Residual<Scalar>({.body = {branches<Scalar>(Join::concatenate),
                                               Conv2D<Scalar>({.filters = 3, .kernel = 2})}}),
                    Chain<Scalar>(std::vector<AnyLayer<Scalar>>{
                        branches<Scalar>(Join::sum), Conv2D<Scalar>({.filters = 3, .kernel = 1})})},
       .join = join});
}

}  // namespace

TEST_CASE("Two branches worked by hand: (x, 2 x) and x + 2 x") {
  Random random(1);
  for (const Join join : joins) {
    AnyLayer<double> layer =
        Parallel<double>({.branches = {Chain<double>(), Scaling<double>(2)}, .join = join});
    const Shape input{1, 2, 2};
    build(layer, input, random);
    Tensor<double> x(input, 1);
    x.matrix() << 1, 2, 3, 4;
    const Tensor<double> y = layer.forward(x, {});
    if (join == Join::sum) {
      CHECK(y.shape() == input);
      CHECK(y.matrix() == 3 * x.matrix());
      CHECK(layer.lipschitz_upper_bound() == Approx(3).epsilon(1e-15));
      CHECK(layer.lipschitz() == 3);
    } else {
      CHECK(y.shape() == Shape{1, 2, 4});
      Vector<double> expected(8);
      expected << 1, 2, 2, 4, 3, 4, 6, 8;
      CHECK(y.matrix() == expected);
      CHECK(layer.lipschitz_upper_bound() == Approx(std::sqrt(5)).epsilon(1e-15));
      CHECK(layer.lipschitz_upper_bound() >=
            check::spectral_norm(check::explicit_matrix(layer, input)));
      CHECK(layer.lipschitz() == Approx(std::sqrt(5)).epsilon(1e-15));
    }
  }
}

TEST_CASE("Branches' gradients, in double, are those of central differences") {
  Random random(2);
  for (const Join join : joins)
    for (const AnyLayer<double>& made :
         {AnyLayer<double>(branches<double>(join)), nested<double>(join)}) {
      const AnyLayer<double> layer = check::small<double>(made, branch_input, random);
      check::check_gradients(layer, branch_input, 2, random);
      check::check_lipschitz_gradient(layer);
      check::check_stretch(layer, branch_input, random);
      check::check_definition(layer, branch_input, random);
    }
}

TEST_CASE("Branches that are linear are bounded from above, as their norms say") {
  Random random(3);
  for (const Join join : joins) {
    AnyLayer<double> layer = check::ready<double>(
        Parallel<double>({.branches = {Conv2D<double>({.filters = 2, .kernel = 3}),
                                       Conv2D<double>({.filters = 2, .kernel = {1, 4}}),
                                       Conv2D<double>({.filters = 2, .kernel = 2})},
                          .join = join}),
        branch_input, random);
    layer.refresh_lipschitz(1000);
    double sum = 0, squares = 0;
    for (const auto& part : layer.parts(branch_input)) {
      const double norm = check::spectral_norm(check::explicit_matrix(*part.layer, branch_input));
      sum += norm;
      squares += norm * norm;
    }
    const double expected = join == Join::sum ? sum : std::sqrt(squares);
    CHECK(layer.lipschitz_upper_bound() >= expected * (1 - 1e-14));
    CHECK(layer.lipschitz_upper_bound() <= expected * (1 + 1e-4));
    CHECK(layer.lipschitz() <= expected * (1 + 1e-12));
    CHECK(layer.lipschitz() >= expected * (1 - 1e-3));
    CHECK(check::spectral_norm(check::explicit_matrix(layer, branch_input)) <= expected);
  }
}

TEST_CASE("Branches' rounding holds, alone and nested") {
  Random random(4);
  for (const Join join : joins)
    for (const AnyLayer<float>& made :
         {AnyLayer<float>(branches<float>(join)), nested<float>(join)}) {
      const AnyLayer<float> layer = check::ready<float>(made, branch_input, random);
      check::check_rounding(layer, branch_input, random);
      check::check_cast(layer, branch_input, 2, random);
      CHECK(testing::check_layer(made, branch_input).faults == std::vector<std::string>{});
    }
}

TEST_CASE("What only puts channels side by side is exact, what adds is not") {
  Random random(5);
  for (const Join join : joins) {
    AnyLayer<float> layer =
        Parallel<float>({.branches = {Chain<float>(), Chain<float>()}, .join = join});
    build(layer, branch_input, random);
    CHECK(layer.rounding().is_exact() == (join == Join::concatenate));
  }
}

TEST_CASE("Branches say what does not fit") {
  CHECK_THROWS_AS(Parallel<float>(ParallelOptions<float>{}), ArgumentError);
  const auto of = [](Join join, AnyLayer<float> second) {
    return Parallel<float>({.branches = {Chain<float>(), std::move(second)}, .join = join});
  };
  CHECK_THROWS_WITH((void)of(Join::sum, Conv2D<float>({.filters = 2})).output_shape(branch_input),
                    "Parallel adds up its branches: expected 5x4x3 of branch 1, got 5x4x2");
  CHECK_THROWS_WITH((void)of(Join::concatenate, Dense<float>(2)).output_shape(branch_input),
                    "Parallel puts channels side by side: expected an output as high and wide as "
                    "5x4x3 of branch 1, got 1x1x2");
  CHECK_THROWS_WITH((void)of(Join::sum, MinMax<float>()).output_shape(branch_input),
                    "branches.1: MinMax pairs channels: expected an even number, got 5x4x3");
}
