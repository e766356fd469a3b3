// Chain: layers one after the other, as one.
#include "catch.hpp"

#include <string>
#include <utility>
#include <vector>

#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/testing/check_layer.hpp"
#include "layers/composites.hpp"

using namespace gloro;

namespace {

const Shape chain_input{5, 4, 3};

template <typename Scalar>
std::vector<AnyLayer<Scalar>> some_layers() {
  return {Conv2D<Scalar>({.filters = 4, .kernel = {3, 2}, .stride = {2, 1}}), MinMax<Scalar>(),
          Scaling<Scalar>(Scalar(1.5)),
          Conv2D<Scalar>({.filters = 2, .kernel = 2, .padding = Padding::valid, .bias = false}),
          Dense<Scalar>(5)};
}

}  // namespace

TEMPLATE_TEST_CASE("A chain computes what its layers compute, bit for bit", "", float, double) {
  using Scalar = TestType;
  Random random(1), samples(2);
  const AnyLayer<Scalar> chain =
      check::ready<Scalar>(Chain<Scalar>(some_layers<Scalar>()), chain_input, random);
  const Tensor<Scalar> x = check::random_tensor<Scalar>(chain_input, 3, samples);
  Tape<Scalar> tape, own_tape;
  const Tensor<Scalar> y = chain.forward(x, {.tape = &tape});
  Tensor<Scalar> expected = x;
  const auto parts = chain.parts(chain_input);
  REQUIRE(parts.size() == 5);
  for (const auto& part : parts) {
    CHECK(part.input == expected.shape());
    expected = part.layer->forward(std::move(expected), {.tape = &own_tape});
  }
  CHECK(y.matrix() == expected.matrix());
  CHECK(y.shape() == chain.output_shape(chain_input));

  Gradients<Scalar> gradients(chain.parameters()), own_gradients(chain.parameters());
  Tensor<Scalar> dy = check::random_tensor<Scalar>(y.shape(), 3, samples);
  const Tensor<Scalar> dx = chain.backward(dy, {.tape = tape, .gradients = gradients.views()});
  auto views = own_gradients.views();
  for (std::size_t l = parts.size(); l-- > 0;) {
    const std::size_t count = parts[l].layer->parameters().size();
    dy =
        parts[l].layer->backward(std::move(dy), {.tape = own_tape, .gradients = views.last(count)});
    views = views.first(views.size() - count);
  }
  CHECK(dx.matrix() == dy.matrix());
  CHECK(gradients.flat() == own_gradients.flat());
}

TEST_CASE("A chain's gradients, in double, are those of central differences") {
  Random random(3);
  const AnyLayer<double> chain =
      check::ready<double>(Chain<double>(some_layers<double>()), chain_input, random);
  check::check_gradients(chain, chain_input, 2, random);
  check::check_lipschitz_gradient(chain);
  const AnyLayer<double> nested = check::ready<double>(
      Chain<double>(std::vector<AnyLayer<double>>{
          Chain<double>(some_layers<double>()),
          Chain<double>(std::vector<AnyLayer<double>>{Dense<double>(4), MinMax<double>()}),
          Dense<double>(3)}),
      chain_input, random);
  check::check_gradients(nested, chain_input, 2, random);
  check::check_lipschitz_gradient(nested);
}

TEST_CASE("A chain without layers is the identity, and exact") {
  Random random(4);
  AnyLayer<float> identity = Chain<float>();
  build(identity, chain_input, random);
  const Tensor<float> x = check::random_tensor<float>(chain_input, 2, random);
  Tape<float> tape;
  CHECK(identity.forward(x, {.tape = &tape}).matrix() == x.matrix());
  CHECK(identity.backward(x, {.tape = tape}).matrix() == x.matrix());
  CHECK(tape.empty());
  CHECK(identity.lipschitz() == 1);
  CHECK(identity.lipschitz_upper_bound() == 1);
  CHECK(identity.rounding().is_exact());
  CHECK(identity.output_shape(chain_input) == chain_input);
}

TEMPLATE_TEST_CASE("A chain of linear layers is bounded from above by the product of its norms", "",
                   float, double) {
  using Scalar = TestType;
  Random random(5);
  AnyLayer<Scalar> chain = check::ready<Scalar>(
      Chain<Scalar>(std::vector<AnyLayer<Scalar>>{Conv2D<Scalar>({.filters = 4, .kernel = 3}),
                                                  AveragePooling2D<Scalar>(2), Dense<Scalar>(6)}),
      chain_input, random);
  chain.refresh_lipschitz(1000);
  double product = 1, estimates = 1;
  for (const auto& part : chain.parts(chain_input)) {
    const double own = check::spectral_norm(check::explicit_matrix(*part.layer, part.input));
    product *= own;
    estimates *= static_cast<double>(part.layer->lipschitz());
  }
  CHECK(chain.lipschitz_upper_bound() >= product * (1 - 1e-5));
  CHECK(chain.lipschitz_upper_bound() <= product * (1 + 1e-3));
  CHECK(static_cast<double>(chain.lipschitz()) == Approx(estimates).epsilon(1e-6));
  CHECK(check::spectral_norm(check::explicit_matrix(chain, chain_input)) <=
        chain.lipschitz_upper_bound() * (1 + 1e-5));
  check::check_stretch(chain, chain_input, random);
}

TEST_CASE("A chain's rounding and definition hold") {
  Random random(6);
  const AnyLayer<float> chain =
      check::ready<float>(Chain<float>(some_layers<float>()), chain_input, random);
  check::check_cast(chain, chain_input, 3, random);
  check::check_rounding(chain, chain_input, random);
  check::check_definition(chain.cast<double>(), chain_input, random);
  CHECK(testing::check_layer(Chain<float>(some_layers<float>()), chain_input).faults ==
        std::vector<std::string>{});
}

TEST_CASE("A chain says where a shape does not fit") {
  const Chain<float> chain(std::vector<AnyLayer<float>>{
      Dense<float>(5),
      Chain<float>(std::vector<AnyLayer<float>>{Dense<float>(3), MinMax<float>()})});
  CHECK_THROWS_WITH((void)chain.output_shape(chain_input),
                    "1: 1: MinMax pairs channels: expected an even number, got 1x1x3");
  CHECK_THROWS_AS((void)chain.output_shape(chain_input), ShapeError);
}

TEST_CASE("A chain's extents are kept as any layer's, also in a copy") {
  Random random(7);
  AnyLayer<float> chain = Chain<float>(some_layers<float>());
  build(chain, chain_input, random);
  AnyLayer<float> copy = chain;
  copy.parameters()[0]->value.resize(2, 2);
  CHECK_THROWS_AS(copy.require_extents(), ShapeError);
  CHECK_NOTHROW(chain.require_extents());
}
