// The self-test in a certifier's constructor: every way in which a layer may compute something else
// than it says is refused by name, and every layer that keeps its word passes.
#include "catch.hpp"

#include <string>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/wording/architecture.hpp"
#include "networks.hpp"

using namespace gloro;
using namespace gloro::rounding;

namespace {

/// What a layer of a user's own may get wrong.
enum class Fault {
  none,
  value,
  last_output,
  one_image,
  many_images,
  in_float,
  in_double,
  rounding,
  stretch
};

/// y = 3 x, with its definition or without, and one fault.
template <typename Scalar, bool has_definition>
struct Triple {
  Fault fault = Fault::none;

  Triple() = default;
  explicit Triple(Fault which) : fault(which) {}

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
    constexpr bool is_float = std::same_as<Scalar, float>;
    const Index batch = x.batch();
    x.matrix() *= Scalar(3);
    const bool is_wrong = fault == Fault::value || (fault == Fault::one_image && batch == 1) ||
                          (fault == Fault::many_images && batch > 1) ||
                          (fault == Fault::in_float && is_float) ||
                          (fault == Fault::in_double && !is_float);
    if (is_wrong) x.matrix() *= Scalar(1.001);
    if (fault == Fault::last_output) x.data()[x.size() - 1] += Scalar(0.01);
    return x;
  }
  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const requires has_definition {
    return 3 * x.data()[i];
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const {
    return dy;
  }
  [[nodiscard]] Scalar lipschitz() const { return 3; }
  [[nodiscard]] double lipschitz_upper_bound() const { return fault == Fault::stretch ? 2.9 : 3; }
  [[nodiscard]] RoundingBound rounding() const {
    const double unit = fault == Fault::rounding ? 0 : 3 * unit_roundoff<Scalar>();
    return {unit, static_cast<double>(std::numeric_limits<Scalar>::min())};
  }
  template <std::floating_point Other>
  [[nodiscard]] Triple<Other, has_definition> cast() const {
    return Triple<Other, has_definition>(fault);
  }
};

template <typename Scalar, bool has_definition>
GloroModel<Scalar> with(Fault fault) {
  return {Shape::flat(5),
          {Dense<Scalar>(6), Triple<Scalar, has_definition>(fault), Dense<Scalar>(3)},
          1};
}

}  // namespace

TEST_CASE("a layer that computes something else than its definition is refused by name") {
  for (const Fault fault : {Fault::value, Fault::last_output, Fault::one_image, Fault::many_images,
                            Fault::in_float, Fault::in_double, Fault::rounding}) {
    CAPTURE(static_cast<int>(fault));
    CHECK_THROWS_WITH((Certifier<float>(with<float, true>(fault))),
                      ContainsText("layer 1") && ContainsText("promises"));
  }
  for (const Fault fault :
       {Fault::value, Fault::last_output, Fault::one_image, Fault::many_images, Fault::in_double}) {
    CAPTURE(static_cast<int>(fault));
    CHECK_THROWS_AS((Certifier<double>(with<double, true>(fault))), Error);
  }
}

TEST_CASE("a layer without a definition is held against its own evaluation in double") {
  for (const Fault fault :
       {Fault::one_image, Fault::many_images, Fault::in_float, Fault::in_double, Fault::rounding}) {
    CAPTURE(static_cast<int>(fault));
    CHECK_THROWS_WITH((Certifier<float>(with<float, false>(fault))), ContainsText("layer 1"));
  }
}

TEST_CASE("a Lipschitz bound that two outputs contradict is refused by name") {
  CHECK_THROWS_WITH((Certifier<float>(with<float, true>(Fault::stretch))),
                    ContainsText("layer 1") && ContainsText("bound allows"));
  CHECK_THROWS_WITH((Certifier<double>(with<double, false>(Fault::stretch))),
                    ContainsText("bound allows"));
}

TEST_CASE("layers of a user's own that keep their word pass") {
  CHECK_NOTHROW(Certifier<float>(with<float, true>(Fault::none)));
  CHECK_NOTHROW(Certifier<float>(with<float, false>(Fault::none)));
  CHECK_NOTHROW(Certifier<double>(with<double, true>(Fault::none)));
  CHECK_NOTHROW(Certifier<double>(with<double, false>(Fault::none)));
}

TEST_CASE("every layer of the library computes its definition") {
  for (int family = 0; family < networks::families; ++family)
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const GloroModel<float> model = networks::random_network(family, seed);
      CAPTURE(family, seed);
      CHECK_NOTHROW(Certifier<float>(model));
      CHECK_NOTHROW(Certifier<double>(model.cast<double>()));
    }
  const GloroModel<float> others(
      {6, 6, 2},
      {ResidualConv2D<float>({.kernel = 3}), ConvexPotential<float>(),
       AveragePooling2D<float>({.pool = 3, .stride = 1, .padding = Padding::same}),
       MaxPooling2D<float>({.pool = {3, 2}, .stride = {2, 1}, .padding = Padding::same}),
       ConvexPotential<float>({.hidden = 5, .kernel = 5, .bias = false}), Dense<float>(6),
       ConvexPotential<float>({.hidden = 9}), Dense<float>(3)},
      2);
  CHECK_NOTHROW(Certifier<float>(others));
}

TEST_CASE("every layer of the library states its definition") {
  const auto x = networks::random_batch<double>({6, 6, 2}, 1, Random(1));
  for (AnyLayer<double> layer : std::vector<AnyLayer<double>>{
           Conv2D<double>({.filters = 3}), ResidualConv2D<double>(), ConvexPotential<double>(),
           Dense<double>(4), MinMax<double>(), MinMax<double>(MinMaxPairs::halves), ReLU<double>(),
           AveragePooling2D<double>(2), MaxPooling2D<double>(2), InvertibleDownsampling<double>(2),
           Scaling<double>(2), Normalization<double>({1, 2}, {3, 4})}) {
    Random random(2);
    build(layer, {6, 6, 2}, random);
    CHECK(layer.definition(x, 0));
  }
}

TEST_CASE("weights of any size pass and those that overflow certify nothing") {
  for (const float size : {1e-44F, 1e-38F, 1e-20F, 1e10F, 1e20F, 3e38F})
    for (int family = 0; family < networks::families; ++family) {
      GloroModel<float> model = networks::random_network(family, 9);
      for (auto* parameter : model.parameters()) {
        if (parameter->name == "factor") continue;
        const float largest = parameter->value.cwiseAbs().maxCoeff();
        parameter->value *= 1 / largest;
        parameter->value *= size;
      }
      CAPTURE(family, size);
      CHECK_NOTHROW(Certifier<float>(model));
      CHECK_NOTHROW(Certifier<double>(model.cast<double>()));
    }
}

TEST_CASE("the networks of the papers pass") {
  for (const char* name : {"2C2F", "(8,3).r3.p3.(8,4,2).20.p1"}) {
    CAPTURE(name);
    CHECK_NOTHROW(
        Certifier<float>(GloroModel<float>({12, 12, 1}, read_architecture<float>(name, 10))));
  }
}
