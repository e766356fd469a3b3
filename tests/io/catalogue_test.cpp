// The catalogue, walked: what each layer that a file may name can do, or that it cannot, said by name. A
// layer that is added to the catalogue fails here until it can do all of it, or is listed.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "data/files.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/relu.hpp"
#include "io/networks.hpp"

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
#include "gloro/io/detail/onnx_layers.hpp"
#endif

using namespace gloro;

namespace {

/// Types without a form in ONNX.
const std::vector<std::string> none_in_onnx = {};

/// A layer of that type in one of the networks that the tests of files, ONNX and PyTorch take, and what
/// it is placed on there.
struct Found {
  AnyLayer<float> layer;
  Shape input;
};

std::optional<Found> find(const std::string& type) {
  for (const auto& model :
       {networks::everything<float>(), networks::potential<float>(), networks::activations<float>(),
        networks::isometries<float>(), networks::composed<float>()})
    for (std::size_t l = 0; l < model.layers().size(); ++l)
      if (model.layers()[l].describe().type == type)
        return Found{model.layers()[l], model.input_shape(l)};
  return std::nullopt;
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE(
    "Every layer of the catalogue is certified, cast, saved, loaded and exported, or listed") {
  REQUIRE(Catalogue::ours().types().size() >= 10);
  for (const std::string& type : Catalogue::ours().types()) {
    CAPTURE(type);
    const std::optional<Found> found = find(type);
    REQUIRE(found);  // else the networks of tests/io/networks.hpp lack it, and so PyTorch's test
    const AnyLayer<float>& layer = found->layer;

    // Bounded, in both precisions, and with a rounding and a definition of its own.
    const AnyLayer<double> wide = layer.cast<double>();
    CHECK(layer.lipschitz_upper_bound() == wide.lipschitz_upper_bound());
    CHECK(std::isfinite(layer.lipschitz_upper_bound()));
    CHECK(layer.rounding().relative < 1e-3);
    CHECK(wide.rounding().relative < 1e-12);
    const Tensor<double> x = networks::inputs<double>(found->input, 1, 3);
    CHECK(wide.definition(x, 0));

    // Saved behind a head and loaded: the same bits of weights and outputs.
    const GloroModel<float> model = [&] {
      auto placed = GloroModel<float>::placed(found->input, {layer, Dense<float>(2)});
      const auto from = layer.parameters();
      for (std::size_t p = 0; p < from.size(); ++p) placed.parameters()[p]->value = from[p]->value;
      placed.parameters()[from.size()]->value.setOnes();
      return placed;
    }();
    const files::TemporaryDirectory directory;
    save_model(directory / "m", model);
    const GloroModel<float> loaded = load_model<float>(directory / "m").model;
    CHECK(networks::same_parameters(loaded, model));
    const auto images = networks::inputs<float>(found->input, 3, 4);
    CHECK(loaded.logits(images).matrix() == model.logits(images).matrix());
    CHECK(loaded.layers()[0].describe().options == layer.describe().options);

    // Rebuilt in PyTorch: tests/io/pytorch_test.py does it; here, that the script knows the type.
    CHECK_THAT(text_of(GLORO_SOURCE "/docs/pytorch/load_gloro.py"), ContainsText('"' + type + '"'));

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
    const auto exported = detail::OnnxLayers::types();
    const bool has_form = std::find(exported.begin(), exported.end(), type) != exported.end();
    const bool is_listed =
        std::find(none_in_onnx.begin(), none_in_onnx.end(), type) != none_in_onnx.end();
    CHECK(has_form != is_listed);
#endif
  }
}

TEST_CASE("A catalogue takes a program's own layer once, and names what it knows") {
  const auto again = [] { return Catalogue::ours().with<Dense<float>, Dense<double>>(); };
  CHECK_THROWS_WITH(again(), "there is a layer of type 'dense' already");
  const Catalogue one = Catalogue().with<ReLU<float>, ReLU<double>>();
  CHECK_THROWS_WITH((void)one.make<float>({"conv2d"}),
                    "unknown layer type 'conv2d'; known are relu");
  const Description leaky{"relu", {{"leak", 0.1}}};
  CHECK_THROWS_WITH((void)one.make<double>(leaky), "relu has no option 'leak'");
}
