// Networks of the successors' layers, LiResNet's and CPL's, saved and loaded.
#include "catch.hpp"

#include <algorithm>
#include <string>

#include "data/files.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/core/error.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/io/safetensors.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/exponential_conv2d.hpp"
#include "gloro/layers/grouped_conv2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/orthogonal_conv2d.hpp"
#include "gloro/layers/orthogonal_dense.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/model/settle.hpp"
#include "gloro/parallel/workers.hpp"
#include "io/networks.hpp"

using namespace gloro;
using namespace networks;

namespace {

/// Every way to have one: dense and convolution, narrow and wide, with a bias and without.
template <typename Scalar>
GloroModel<Scalar> potentials() {
  GloroModel<Scalar> model(
      {5, 4, 2},
      {ConvexPotential<Scalar>(),
       ConvexPotential<Scalar>({.hidden = 3, .kernel = {2, 3}, .bias = false}), Dense<Scalar>(6),
       ConvexPotential<Scalar>(), ConvexPotential<Scalar>({.hidden = 9}), Dense<Scalar>(3)},
      5);
  disturb(model, 5);
  settle_lipschitz(model);
  return model;
}

std::string refusal(const Description& description) {
  try {
    (void)Catalogue::ours().make<float>(description);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("A residual convolution comes back from a file as the convolution that it is") {
  const files::TemporaryDirectory directory;
  GloroModel<float> model({4, 5, 4}, {ResidualConv2D<float>(), MinMax<float>(), Dense<float>(3)},
                          1);
  disturb(model, 1);
  save_model(directory / "m", model);
  const auto loaded = load_model<float>(directory / "m").model;
  CHECK(loaded.layers()[0].as<Conv2D<float>>());
  const auto x = inputs<float>(model.input_shape(), 5, 1);
  CHECK(loaded.logits(x).matrix() == model.logits(x).matrix());
}

TEST_CASE(
    "An orthogonal and a grouped layer come back as what they are, with the same certificates") {
  const files::TemporaryDirectory directory;
  GloroModel<float> model(
      {4, 5, 4},
      {GroupedConv2D<float>({.filters = 6, .dilation = {2, 1}, .groups = 2}), MinMax<float>(),
       OrthogonalConv2D<float>(), OrthogonalDense<float>(8), Dense<float>(3)},
      1);
  disturb(model, 1);
  Workers alone(1);
  model.refresh_lipschitz(1, alone);
  save_model(directory / "m", model);
  const auto loaded = load_model<float>(directory / "m").model;
  CHECK(loaded.layers()[0].as<Conv2D<float>>());
  REQUIRE(loaded.layers()[2].as<ExponentialConv2D<float>>());
  CHECK(loaded.layers()[2].as<ExponentialConv2D<float>>()->is_skew());
  CHECK(loaded.layers()[2].lipschitz_upper_bound() == 1);
  CHECK(loaded.layers()[3].as<Dense<float>>());
  const auto x = inputs<float>(model.input_shape(), 5, 1);
  CHECK(loaded.logits(x).matrix() == model.logits(x).matrix());
  const Certifier<float> of_file(loaded), of_model(model);
  CHECK(of_file.margin_constants() == of_model.margin_constants());
  CHECK(of_model.model().layers()[2].as<ExponentialConv2D<float>>());
  CHECK(of_model.model().layers()[3].as<Dense<float>>());
}

TEMPLATE_TEST_CASE("Convex potential layers come back bit for bit, h too", "", float, double) {
  const files::TemporaryDirectory directory;
  const GloroModel<TestType> model = potentials<TestType>();
  save_model(directory / "m", model);
  auto loaded = load_model<TestType>(directory / "m").model;
  const auto x = inputs<TestType>(model.input_shape(), 5, 1);
  CHECK(loaded.logits(x).matrix() == model.logits(x).matrix());
  for (std::size_t l = 0; l < model.layers().size(); ++l)
    CHECK(loaded.layers()[l].describe().options == model.layers()[l].describe().options);

  // A loaded h stays as it is, and the bounds are those of the saved network.
  Workers one(1);
  loaded.refresh_lipschitz(20, one);
  CHECK(loaded.logits(x).matrix() == model.logits(x).matrix());
  for (const std::size_t l : {0u, 1u, 3u, 4u})
    CHECK(loaded.layers()[l].lipschitz_upper_bound() == model.layers()[l].lipschitz_upper_bound());
  save_model(directory / "again", loaded);
  CHECK(load_model<TestType>(directory / "again").model.logits(x).matrix() ==
        model.logits(x).matrix());
}

TEST_CASE("A convex potential layer's weights lie in a file as PyTorch has a convolution's") {
  const files::TemporaryDirectory directory;
  const GloroModel<float> model = potentials<float>();
  save_model(directory / "m", model);
  const Safetensors content = read_safetensors(directory / "m");
  const auto weight = std::find_if(content.tensors.begin(), content.tensors.end(),
                                   [](const auto& t) { return t.name == "layers.1.weight"; });
  REQUIRE(weight != content.tensors.end());
  CHECK(weight->extents == std::vector<Index>{3, 2, 2, 3});
}

TEST_CASE("Descriptions of convex potential layers that make no sense are refused in words") {
  using List = std::vector<Index>;
  const auto described = [](Description::Value hidden, Description::Value kernel,
                            Description::Value scale) {
    return Description{"convex_potential",
                       {{"hidden", hidden}, {"kernel", kernel}, {"scale", scale}}};
  };
  CHECK(refusal(described(Index(4), List{3, 3}, 0.5)) == "accepted");
  CHECK(refusal(described(Index(4), List{3, 3}, Index(2))) == "accepted");
  CHECK_THAT(refusal(described(Index(4), List{3, 3}, -0.5)), ContainsText("scale"));
  CHECK_THAT(refusal(described(Index(4), List{3, 3}, std::string("2"))), ContainsText("scale"));
  CHECK_THAT(refusal(described(Index(-4), List{3, 3}, 0.5)), ContainsText("hidden"));
  CHECK_THAT(refusal(described(Index(4), List{3}, 0.5)), ContainsText("kernel"));
  CHECK_THAT(refusal({"convex_potential", {{"hidden", Index(4)}, {"kernel", List{3, 3}}}}),
             ContainsText("lacks its option 'scale'"));
}
