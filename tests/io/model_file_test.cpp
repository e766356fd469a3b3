#include "gloro/io/model_file.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"
#include "gloro/io/detail/test_vectors.hpp"
#include "gloro/io/safetensors.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/normalization.hpp"
#include "io/networks.hpp"

using namespace gloro;
using networks::everything, networks::inputs, networks::same_parameters, networks::small;

namespace {

/// Saves a small model, lets `damage` change the file's content, and says why loading refuses it.
template <typename Damage>
std::string damage_refusal(Damage&& damage) {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m.safetensors";
  save_model(path, small());
  Safetensors content = read_safetensors(path);
  damage(content);
  write_safetensors(path, content);
  try {
    (void)load_model<float>(path);
  } catch (const FileError& error) {
    CHECK(std::string(error.what()).starts_with(path.string() + ": "));
    return error.what();
  }
  return "not refused";
}

std::string refusal_of(const std::string& key, const std::string& value) {
  return damage_refusal([&](Safetensors& content) { content.metadata[key] = value; });
}

/// The only layers of a network on 4 x 4 x 1, or the first of them.
std::string refusal_of_layers(const std::string& layers) { return refusal_of("layers", layers); }

/// A user's own layer.
template <std::floating_point Scalar>
struct Negated {
  static constexpr const char* type = "negation";
  static Negated from(DescribedOptions&) { return {}; }

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
    x.matrix() *= -1;
    return x;
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const {
    dy.matrix() *= -1;
    return dy;
  }
  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] Description describe() const { return {type}; }
};
using Negation = Negated<float>;

const Catalogue with_negation = Catalogue::ours().with<Negated<float>, Negated<double>>();

/// With numbers of its own, held in double.
struct Leaking : Negation {
  [[nodiscard]] Description describe() const {
    return {"negation",
            {{"leak", 0.1}, {"leaks", std::vector<double>{0.1, 2}}, {"seed", 123456789}}};
  }
};

struct Anonymous : Negation {
  Description describe() const = delete;
};

}  // namespace

TEMPLATE_TEST_CASE("A saved model comes back bit for bit, whatever its layers", "", float, double) {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m.safetensors";
  const GloroModel<TestType> model = everything<TestType>();
  save_model(path, model, {.epsilon = 0.1, .other = {{"recipe", "ours"}, {"seed", "7"}}});
  const LoadedModel<TestType> loaded = load_model<TestType>(path);

  CHECK(loaded.model.input_shape() == model.input_shape());
  CHECK(same_parameters(loaded.model, model));
  const auto x = inputs<TestType>(model.input_shape(), 5, 1);
  CHECK(loaded.model.logits(x).matrix() == model.logits(x).matrix());
  for (std::size_t l = 0; l < model.layers().size(); ++l) {
    const Description a = model.layers()[l].describe(), b = loaded.model.layers()[l].describe();
    CHECK(a.type == b.type);
    CHECK(a.options == b.options);
  }
  CHECK(loaded.metadata.epsilon == 0.1);
  CHECK(loaded.metadata.other ==
        std::map<std::string, std::string>{{"recipe", "ours"}, {"seed", "7"}});

  save_model(directory / "again", loaded.model, loaded.metadata);
  CHECK(load_model<TestType>(directory / "again").metadata.other == loaded.metadata.other);
}

TEST_CASE("A float32 file loads in double exactly and a float64 file does not load in float") {
  const files::TemporaryDirectory directory;
  save_model(directory / "f", small());
  const auto wide = load_model<double>(directory / "f");
  CHECK(same_parameters(wide.model, small().cast<double>()));
  CHECK_FALSE(wide.metadata.epsilon);
  save_model(directory / "d", wide.model);
  CHECK_THROWS_WITH(load_model<float>(directory / "d"),
                    ContainsText("load it as GloroModel<double>"));
}

TEST_CASE("A file with float32 and float64 tensors is refused: it has no precision") {
  CHECK_THAT(damage_refusal([](Safetensors& content) {
               const auto& narrow = std::get<0>(content.tensors[1].values);
               content.tensors[1].values = std::vector<double>(narrow.begin(), narrow.end());
             }),
             ContainsText("tensors of F32 and of F64"));
}

TEST_CASE("A number in the metadata has the precision of the file's tensors in every loader") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m";
  const auto shift_in = [](const auto& model) {
    return std::get<std::vector<double>>(model.layers()[0].describe().options[0].second)[0];
  };
  const auto scale_in = [](const auto& model) {
    return std::get<double>(model.layers()[1].describe().options[2].second);
  };
  const auto with = [&]<typename Scalar>(Scalar shift, double h) {
    return GloroModel<Scalar>(
        {1, 1, 2}, {Normalization<Scalar>({shift, 0}, {1, 1}),
                    ConvexPotential<Scalar>({.hidden = 3, .scale = h}), Dense<Scalar>(3)});
  };
  // Somebody writes 0.1 into a file of float32.
  save_model(path, with(0.5F, 0.5));
  Safetensors content = read_safetensors(path);
  std::string& layers = content.metadata.at("layers");
  for (std::size_t at = 0; (at = layers.find("0.5", at)) != std::string::npos;)
    layers.replace(at, 3, "0.1");
  write_safetensors(path, content);
  for (const double number :
       {shift_in(load_model<float>(path).model), shift_in(load_model<double>(path).model),
        scale_in(load_model<float>(path).model), scale_in(load_model<double>(path).model)})
    CHECK(number == static_cast<double>(0.1F));
  const Tensor<double> x = inputs<double>({1, 1, 2}, 4, 9);
  CHECK(load_model<double>(path).model.logits(x).matrix() ==
        load_model<float>(path).model.cast<double>().logits(x).matrix());

  // In a file of float64 it is the double; and so each is written.
  save_model(path, with(0.1, 0.1));
  CHECK(shift_in(load_model<double>(path).model) == 0.1);
  CHECK(scale_in(load_model<double>(path).model) == 0.1);
  CHECK_THAT(read_safetensors(path).metadata.at("layers"), ContainsText("[0.1,0.0]"));
  save_model(path, with(0.1F, 0.1));
  CHECK_THAT(read_safetensors(path).metadata.at("layers"),
             ContainsText("[0.10000000149011612,0.0]"));
}

TEST_CASE(
    "A layer's real numbers are written in the model's precision and its whole ones as they are") {
  const files::TemporaryDirectory directory;
  save_model(directory / "m", GloroModel<float>({1, 1, 2}, {Leaking(), Dense<float>(2)}));
  CHECK_THAT(read_safetensors(directory / "m").metadata.at("layers"),
             ContainsText(R"("leak":0.10000000149011612,"leaks":[0.10000000149011612,2.0],)"
                          R"("seed":123456789})"));
}

TEST_CASE("Metadata numbers that float32 cannot tell apart are not whole numbers") {
  const auto with = [](const std::string& shift) {
    return refusal_of_layers(R"([{"type":"normalization","shift":[)" + shift +
                             R"(,0],"scale":[1,1]}])");
  };
  CHECK_THAT(with("16777216"), ContainsText("ends with a Dense"));  // no fault of the number's
  CHECK_THAT(with("-16777217"), ContainsText("a number with a point"));
  CHECK_THAT(with("16777217.0"), ContainsText("ends with a Dense"));
}

TEST_CASE("Weights lie in a file as PyTorch has them") {
  // The place of each weight worked out by hand: ours is [row][column][channel] for each output,
  // PyTorch's is [channel][row][column], for a kernel and for an image that is flattened.
  const files::TemporaryDirectory directory;
  GloroModel<float> model(
      {2, 3, 2},
      {Conv2D<float>({.filters = 2, .kernel = {1, 2}, .padding = Padding::same}), Dense<float>(2)});
  for (auto* parameter : model.parameters())
    for (Index row = 0; row < parameter->value.rows(); ++row)
      for (Index column = 0; column < parameter->value.cols(); ++column)
        parameter->value(row, column) = static_cast<float>(100 * row + column);
  save_model(directory / "m", model);

  const Safetensors content = read_safetensors(directory / "m");
  REQUIRE(content.tensors.size() == 4);
  CHECK(content.tensors[0].name == "layers.0.weight");
  CHECK(content.tensors[0].extents == std::vector<Index>{2, 2, 1, 2});
  // ours: column = 2 (kernel column) + channel
  CHECK(std::get<0>(content.tensors[0].values) ==
        std::vector<float>{0, 2, 1, 3, 100, 102, 101, 103});
  CHECK(content.tensors[1].name == "layers.0.bias");
  CHECK(content.tensors[1].extents == std::vector<Index>{2});
  CHECK(content.tensors[2].name == "layers.1.weight");
  CHECK(content.tensors[2].extents == std::vector<Index>{2, 12});
  // ours: column = 6 (row) + 2 (column) + channel; the file: channel, row, column
  CHECK(std::get<0>(content.tensors[2].values) ==
        std::vector<float>{0,   2,   4,   6,   8,   10,  1,   3,   5,   7,   9,   11,
                           100, 102, 104, 106, 108, 110, 101, 103, 105, 107, 109, 111});
  CHECK(content.metadata.at("layers") ==
        R"([{"type":"conv2d","filters":2,"kernel":[1,2],"stride":[1,1],"padding":"same"},)"
        R"({"type":"dense","units":2}])");
  CHECK(content.metadata.at("input_shape") == "[2,3,2]");
}

TEST_CASE("A loaded model has estimates of its own, close to the rigorous bounds") {
  const files::TemporaryDirectory directory;
  save_model(directory / "m", small());
  const auto loaded = load_model<float>(directory / "m");
  for (const auto& layer : loaded.model.layers()) {
    // Power iteration stops where ten steps add 1e-5; on these layers that is within a thousandth,
    // and the rigorous bound of a convolution is up to a twentieth above the norm for so small an
    // image.
    CHECK(layer.lipschitz() > 0.94 * layer.lipschitz_upper_bound());
    CHECK(layer.lipschitz() <= layer.lipschitz_upper_bound() * (1 + 1e-5));
  }
}

TEST_CASE("A file without a bias that its metadata do not leave out is refused") {
  const std::string why = damage_refusal([](Safetensors& content) {
    std::erase_if(content.tensors, [](const auto& t) { return t.name == "layers.0.bias"; });
  });
  CHECK_THAT(why, ContainsText("tensor 'layers.0.bias' is missing"));
  CHECK_THAT(why, ContainsText("\"bias\": false"));

  // Said, it is another network, and a sound one.
  CHECK(damage_refusal([](Safetensors& content) {
          std::erase_if(content.tensors, [](const auto& t) { return t.name == "layers.2.bias"; });
          std::string& layers = content.metadata["layers"];
          layers.insert(layers.rfind('}'), ",\"bias\":false");
        }) == "not refused");
}

TEST_CASE("A model file whose metadata are damaged is refused") {
  CHECK(damage_refusal([](Safetensors&) {}) == "not refused");
  for (const std::string key : {"format", "version", "input_shape", "layers"})
    CHECK_THAT(damage_refusal([&](Safetensors& content) { content.metadata.erase(key); }),
               ContainsText("its metadata lack '" + key + "'"));
  CHECK_THAT(refusal_of("format", "pt"), ContainsText("'pt'"));
  CHECK_THAT(refusal_of("version", "2"), ContainsText("version is '2'"));
  for (const std::string shape : {"[6,5]", "[6,5,-2]", "[6,5,2.0]", "[6,0,2]", "7", "{}", "[6,5,2"})
    CHECK_THAT(refusal_of("input_shape", shape), ContainsText("'input_shape'"));
  CHECK_THAT(refusal_of("input_shape", "[100000,100000,2]"),
             ContainsText(sizeof(Index) < 8 ? "do not multiply" : "240 GB of memory"));
  CHECK_THAT(refusal_of("input_shape", "[4294967296,4294967296,4]"),
             ContainsText("do not multiply"));
  CHECK_THAT(refusal_of("input_shape", "[4294967296,4294967296,4294967296]"),
             ContainsText("do not multiply"));
  for (const std::string epsilon : {"-1", "none", "\"0.3\"", "1e999", "NaN", ""})
    CHECK_THAT(refusal_of("epsilon", epsilon), ContainsText("'epsilon'"));
}

TEST_CASE("Metadata that two readers could take for different things are refused") {
  const std::string layers = R"([{"type":"conv2d","filters":4,"kernel":3,"stride":2,)"
                             R"("padding":"same"},{"type":"minmax"},{"type":"dense","units":3}])";
  const std::pair<std::string, std::string> sound[] = {{"layers", layers},
                                                       {"epsilon", "0.3"},
                                                       {"input_shape", "[6,5,2]"},
                                                       {"guarantee", R"({"top_k":2})"}};
  for (const auto& [key, text] : sound) {
    CHECK(refusal_of(key, text) == "not refused");
    for (const std::string_view more :
         {std::string_view("\0", 1), std::string_view("\0005", 2), std::string_view("abc"),
          std::string_view("]"), std::string_view(",1"), std::string_view("/**/")})
      CHECK_THAT(refusal_of(key, text + std::string(more)), ContainsText("'" + key + "'"));
    CHECK_THAT(refusal_of(key, "\xEF\xBB\xBF" + text), ContainsText("byte order mark"));
  }
  for (const std::string epsilon : {"Infinity", "inf", "0,3", "0x1", "+0.3", ".3", "3.", "00.3"})
    CHECK_THAT(refusal_of("epsilon", epsilon), ContainsText("'epsilon'"));
}

TEST_CASE("A model's guarantee travels in its file, and a file without one is for top-1") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m.safetensors";
  GloroModel<float> model = small();
  REQUIRE(model.classes() > 2);
  for (const Guarantee& guarantee :
       {Guarantee::top_k(2), Guarantee::affinity({{0, 1}, {2}, {2, 1}}), Guarantee::top_1()}) {
    model.set_guarantee(guarantee);
    save_model(path, model);
    CHECK(read_safetensors(path).metadata.contains("guarantee") == guarantee.is_relaxed());
    const LoadedModel<float> loaded = load_model<float>(path);
    CHECK(loaded.model.guarantee() == guarantee);
    CHECK(load_model<double>(path).model.guarantee() == guarantee);
    CHECK(loaded.metadata.other.empty());
  }
  CHECK_THROWS_AS(save_model(path, model, {.other = {{"guarantee", "mine"}}}), ArgumentError);
}

TEST_CASE("A model file with a guarantee that it cannot have is refused") {
  CHECK_THAT(refusal_of("guarantee", "{\"top_k\":2"), ContainsText("'guarantee': not valid JSON"));
  CHECK_THAT(refusal_of("guarantee", "3"), ContainsText("'guarantee': expected {\"top_k\": K}"));
  CHECK_THAT(refusal_of("guarantee", "{\"top_k\":0}"), ContainsText("k >= 1, got 0"));
  CHECK_THAT(refusal_of("guarantee", "{\"top_k\":99}"), ContainsText("99 classes says nothing"));
  CHECK_THAT(refusal_of("guarantee", "{\"top_k\":-1}"), ContainsText("expected {\"top_k\""));
  CHECK_THAT(refusal_of("guarantee", "{\"affinity\":[[0],[99]]}"), ContainsText("got 99"));
  CHECK_THAT(refusal_of("guarantee", "{\"affinity\":[[0],\"x\"]}"),
             ContainsText("list of lists of classes"));
}

TEST_CASE("A model file with unknown layers or options is refused by name") {
  const auto with = [](const std::string& first) {
    return refusal_of_layers("[" + first + R"(,{"type":"minmax"},{"type":"dense","units":3}])");
  };
  const std::string conv = R"("type":"conv2d","filters":4,"kernel":3,"padding":"same")";
  CHECK(with("{" + conv + R"(,"stride":2})") == "not refused");
  CHECK_THAT(with("{" + conv + R"(,"stride":2,"dilation":1})"),
             ContainsText("no option 'dilation'"));
  CHECK_THAT(with("{" + conv + "}"), ContainsText("lacks its option 'stride'"));
  CHECK_THAT(with("{" + conv + R"(,"stride":[2]})"), ContainsText("'stride' must be"));
  CHECK_THAT(with("{" + conv + R"(,"stride":0})"), ContainsText("stride 0"));
  CHECK_THAT(with("{" + conv + R"(,"stride":-1})"), ContainsText("'stride' must be"));
  CHECK_THAT(with("{" + conv + R"(,"stride":1e30})"), ContainsText("'stride' must be"));
  CHECK_THAT(with("{" + conv + R"(,"stride":2,"stride":2})"),
             ContainsText("\"stride\" comes twice"));
  CHECK_THAT(with("{" + conv + R"(,"stride":2,"bias":"no"})"), ContainsText("'bias' must be"));
  CHECK_THAT(with("{" + conv + R"(,"stride":2,"bias":{}})"), ContainsText("'bias'"));
  CHECK_THAT(with("{" + conv + R"(,"stride":2,"bias":false})"),
             ContainsText("'layers.0.bias' belongs to no layer"));
  CHECK_THAT(with(R"({"type":"conv2d","filters":4,"kernel":3,"stride":2,"padding":[1,1]})"),
             ContainsText("'padding' must be"));
  CHECK_THAT(with(R"({"type":"conv2d","filters":5000000,"kernel":3,"stride":2,"padding":"same"})"),
             ContainsText("layer 0"));
  CHECK_THAT(with(R"({"type":"attention"})"), ContainsText("unknown layer type 'attention'"));
  CHECK_THAT(with(R"({"type":7})"), ContainsText("'type'"));
  CHECK_THAT(with("3"), ContainsText("'type'"));
  CHECK_THAT(refusal_of_layers("{}"), ContainsText("must be a list"));
  CHECK_THAT(refusal_of_layers("[]"), ContainsText("ends with a Dense"));
  CHECK_THAT(refusal_of_layers(R"([{"type":"minmax"}])"), ContainsText("ends with a Dense"));
  CHECK_THAT(refusal_of_layers(R"([{"type":"minmax","pairs":"thirds"}])"), ContainsText("'pairs'"));
  CHECK_THAT(refusal_of_layers(R"([{"type":"dense","units":3}])"),
             ContainsText("tensor 'layers.0.weight' has the shape [4,2,3,3], expected [3,60]"));
  CHECK_THAT(refusal_of_layers(R"([{"type":"normalization","shift":[0,1e300],"scale":[1,1]}])"),
             ContainsText("finite"));
  CHECK_THAT(refusal_of_layers(R"([{"type":"invertible_downsampling","block":4}])"),
             ContainsText("does not divide"));
}

TEST_CASE("Layers made of layers are saved by their places, and read as deep as they may be") {
  const files::TemporaryDirectory directory;
  const GloroModel<float> model = networks::composed<float>();
  save_model(directory / "m", model);
  const Safetensors content = read_safetensors(directory / "m");
  std::vector<std::string> names;
  for (const auto& tensor : content.tensors) names.push_back(tensor.name);
  for (const std::string name :
       {"layers.0.body.2.weight", "layers.1.0.body.0.bias", "layers.1.2.weight",
        "layers.2.branches.1.weight", "layers.2.branches.2.2.body.0.weight",
        "layers.3.body.0.body.1.weight", "layers.6.body.2.branches.1.bias"})
    CHECK(std::count(names.begin(), names.end(), name) == 1);
  const GloroModel<float> loaded = load_model<float>(directory / "m").model;
  CHECK(same_parameters(loaded, model));
  const auto x = inputs<float>(model.input_shape(), 3, 4);
  CHECK(loaded.logits(x).matrix() == model.logits(x).matrix());

  const auto nested = [](int depth) {
    std::string layer = R"({"type":"minmax"})";
    for (int i = 0; i < depth; ++i) layer = R"({"type":"chain","layers":[)" + layer + "]}";
    return "[" + layer + R"(,{"type":"dense","units":3}])";
  };
  CHECK_THAT(refusal_of_layers(nested(16)), ContainsText("tensor 'layers.1.weight' is missing"));
  CHECK_THAT(refusal_of_layers(nested(17)), ContainsText("16 deep at most"));
  CHECK_THAT(refusal_of_layers(nested(10000)), ContainsText("JSON nested deeper than"));
  const auto with = [](const std::string& layer) {
    return refusal_of_layers("[" + layer + R"(,{"type":"dense","units":3}])");
  };
  CHECK_THAT(with(R"({"type":"residual","body":[]})"), ContainsText("at least one layer"));
  CHECK_THAT(with(R"({"type":"residual","body":3})"),
             ContainsText("'body' must be a list of layers"));
  CHECK_THAT(with(R"({"type":"residual","body":[3]})"), ContainsText("'body' must be a list of"));
  CHECK_THAT(with(R"({"type":"residual","body":[{"type":"attention"}]})"),
             ContainsText("layer 0: body.0: unknown layer type 'attention'"));
  CHECK_THAT(with(R"({"type":"residual","body":[{"type":"dense","units":3}]})"),
             ContainsText("expected that shape"));
  CHECK_THAT(with(R"({"type":"parallel","branches":[{"type":"relu"}],"join":"max"})"),
             ContainsText("'join'"));
  CHECK_THAT(with(R"({"type":"chain","layers":[{"type":"relu","leak":1}]})"),
             ContainsText("layer 0: layers.0: relu has no option 'leak'"));
}

TEST_CASE("A small file of a network that takes much memory is refused by what it says") {
  const files::TemporaryDirectory directory;
  struct Case {
    std::string shape, layers;
    std::vector<std::pair<std::string, std::vector<Index>>> tensors;
    std::string why;
  };
  const std::string pooling = R"("pool":8388608,"stride":1,"padding":[8388607,8388607,)";
  const Case cases[] = {
      {"[65536,1,1]",
       R"([{"type":"convex_potential","hidden":1,"kernel":[1,100000],"bias":false,"scale":1}])",
       {{"layers.0.weight", {1, 1, 1, 100000}}},
       "layer 0: a layer on an input of 65536x1x1 needs"},
      {"[65536,1,1]",
       R"([{"type":"relu"},{"type":"conv2d","filters":1,"kernel":[1,100000],"stride":1,)"
       R"("padding":"same","bias":false}])",
       {{"layers.1.weight", {1, 1, 1, 100000}}},
       "layer 1: a layer on an input of 65536x1x1 needs"},
      {"[4,4,1]",
       R"([{"type":"conv2d","filters":1,"kernel":1,"stride":16777216,)"
       R"("padding":[16777216,16777216,16777216,16777216],"bias":false}])",
       {{"layers.0.weight", {1, 1, 1, 1}}},
       "layer 0: a layer on an input of 4x4x1 needs"},
      {"[1024,1,1]",
       R"([{"type":"max_pooling2d",)" + pooling + "8388607,8388607]}]",
       {},
       "layer 0: a layer on an input of 1024x1x1 needs"},
      {"[1,1,1]",
       R"([{"type":"dense","units":10000,"bias":false}])",
       {{"layers.0.weight", {10000, 1}}},
       "the table of margins between 10000 classes needs 1.6 GB"},
      {"[65536,1,1]",
       R"([{"type":"residual","body":[{"type":"chain","layers":[{"type":"conv2d","filters":1,)"
       R"("kernel":[1,100000],"stride":1,"padding":"same","bias":false}]}]}])",
       {{"layers.0.body.0.0.weight", {1, 1, 1, 100000}}},
       "layer 0: a layer on an input of 65536x1x1 needs"},
      {"[1,1,1]",
       R"([{"type":"chain","layers":[{"type":"conv2d","filters":1,"kernel":1,"stride":16777216,)"
       R"("padding":[16777216,16777216,16777216,16777216],"bias":false},)"
       R"({"type":"dense","units":1}]}])",
       {{"layers.0.0.weight", {1, 1, 1, 1}}},
       "layer 0: a layer on an input of 1x1x1 needs"},
      {"[30000,30000,2]", R"([{"type":"minmax"}])", {}, "an input of 30000x30000x2 needs 21.6 GB"},
      {"[4096,4096,2]",
       R"([{"type":"minmax"},{"type":"relu"},{"type":"scaling"},{"type":"relu"}])",
       {{"layers.2.factor", {1}}},
       "layer 1: a layer on an input of 4096x4096x2 needs 402.7 MB of memory, after 805.3 MB"},
  };
  for (const Case& each : cases) {
    Safetensors content;
    for (const auto& [name, extents] : each.tensors) {
      std::size_t count = 1;
      for (const Index extent : extents) count *= static_cast<std::size_t>(extent);
      content.tensors.push_back({name, extents, std::vector<float>(count)});
    }
    content.metadata = {{"format", "gloro"},
                        {"version", "1"},
                        {"input_shape", each.shape},
                        {"layers", each.layers}};
    write_safetensors(directory / "m", content);
    if (sizeof(Index) < 8)  // where some of these sizes have no number
      CHECK_THROWS_AS(load_model<float>(directory / "m"), FileError);
    else
      CHECK_THROWS_WITH(load_model<float>(directory / "m"),
                        ContainsText(each.why) && ContainsText("more than the limit of 1.1 GB"));
  }
}

TEST_CASE("The limit of memory is an option and what the layers state is counted to the byte") {
  const files::TemporaryDirectory directory;
  GloroModel<float> model({1, 1, 4}, {Dense<float>({.units = 2, .bias = false}), MinMax<float>(),
                                      Negation(), Dense<float>(3)});
  save_model(directory / "m", model);
  const auto load = [&](double most) {
    return load_model<float>(directory / "m", {.catalogue = with_negation, .most_memory = most});
  };
  // The input; weights, a bias or its place, the singular vector and the output of each Dense; the
  // outputs of layers that state nothing; 3 x 3 margins in two tables of doubles.
  const double values = 4 + (2 * 5 + 4 + 2) + 2 + 2 + (3 * 3 + 2 + 3);
  const double bytes = 12 * values + 2 * 8 * 9;
  CHECK_NOTHROW(load(bytes));
  CHECK_THROWS_WITH(load(bytes - 1), ContainsText("margins between 3 classes"));
  CHECK_THROWS_WITH(load(12 * 3), ContainsText("an input of 1x1x4 needs 48 bytes of memory, after "
                                               "0 bytes"));
  CHECK_THROWS_WITH(load(std::numeric_limits<double>::quiet_NaN()), ContainsText("limit"));
}

TEST_CASE("A model file whose tensors do not fit its layers is refused") {
  CHECK_THAT(damage_refusal([](Safetensors& c) {
               std::erase_if(c.tensors, [](auto& t) { return t.name == "layers.2.weight"; });
             }),
             ContainsText("tensor 'layers.2.weight' is missing"));
  CHECK_THAT(damage_refusal([](Safetensors& c) {
               c.tensors.push_back({"layers.1.weight", {1}, std::vector<float>{1}});
             }),
             ContainsText("'layers.1.weight' belongs to no layer"));
  CHECK_THAT(damage_refusal([](Safetensors& c) {
               c.tensors[0].extents = {4, 3, 3, 2};
             }),
             ContainsText("shape [4,3,3,2], expected [4,2,3,3]"));
  CHECK_THAT(damage_refusal([](Safetensors& c) {
               c.tensors[1].extents = {4, 1};
             }),
             ContainsText("'layers.0.bias' has the shape [4,1], expected [4]"));
  CHECK_THAT(damage_refusal([](Safetensors& c) {
               std::get<0>(c.tensors[0].values)[5] = std::numeric_limits<float>::quiet_NaN();
             }),
             ContainsText("'layers.0.weight': its value 5 is not finite"));
  CHECK_THAT(damage_refusal([](Safetensors& c) {
               std::get<0>(c.tensors[3].values)[1] = -std::numeric_limits<float>::infinity();
             }),
             ContainsText("'layers.2.bias': its value 1 is not finite"));
}

namespace {

/// small() with test vectors as another program would write them: in double, by itself.
void add_test_vectors(Safetensors& content) {
  const GloroModel<double> model = small().cast<double>();
  const Tensor<double> x = samples_as<double>(inputs<float>({6, 5, 2}, 3, 4), 0, 3);
  const Tensor<double> y = model.logits(x);
  std::vector<float> pixels;
  for (Index n = 0; n < 3; ++n)
    for (Index channel = 0; channel < 2; ++channel)
      for (Index pixel = 0; pixel < 30; ++pixel)
        pixels.push_back(static_cast<float>(x.sample(n)[pixel * 2 + channel]));
  content.tensors.push_back({"test.inputs", {3, 2, 6, 5}, pixels});
  content.tensors.push_back(
      {"test.logits", {3, 3}, std::vector<double>(y.data(), y.data() + y.size())});
}

std::string refusal_with_test_vectors(const std::function<void(Safetensors&)>& damage) {
  return damage_refusal([&](Safetensors& content) {
    add_test_vectors(content);
    damage(content);
  });
}

}  // namespace

TEST_CASE("A network that does not answer as its file's test vectors say is refused") {
  CHECK(refusal_with_test_vectors([](Safetensors&) {}) == "not refused");
  // One unit in the last place of one weight, or a logit off by a hundredth of a billionth.
  CHECK_THAT(
      refusal_with_test_vectors([](Safetensors& c) {
        float& weight = std::get<0>(c.tensors[2].values)[4];
        weight = std::nextafter(weight, 10.0F);
      }),
      ContainsText("test vector 0: its logit 0 is") && ContainsText("and rounding explains"));
  CHECK_THAT(refusal_with_test_vectors(
                 [](Safetensors& c) { std::get<1>(c.tensors.back().values)[7] += 1e-11; }),
             ContainsText("test vector 2: its logit 1 is") && ContainsText("1e-11 apart"));
  CHECK(refusal_with_test_vectors([](Safetensors& c) {
          std::get<1>(c.tensors.back().values)[7] += 1e-16;
        }) == "not refused");
  CHECK_THAT(refusal_with_test_vectors([](Safetensors& c) {
               std::string& layers = c.metadata.at("layers");
               layers.replace(layers.find("minmax"), 6, "relu");
             }),
             ContainsText("test vector 0"));
}

TEST_CASE(
    "Test vectors summed in another order are those of the network, however far the sums part") {
  // 2^60 + 1 - 2^60 is 1, or 0 where 1 is added to 2^60: both are honest, and the head sees one of them.
  GloroModel<float> model({1, 1, 3}, {Dense<float>(1), Dense<float>(2)}, 1);
  const float large = std::ldexp(1.0F, 30);
  model.parameters()[0]->value << large, 1, -large;
  model.parameters()[1]->value.setZero();
  model.parameters()[2]->value << 1, 2;
  model.parameters()[3]->value.setZero();
  const NamedTensor inputs{"test.inputs", {1, 3, 1, 1}, std::vector<float>{large, 1, large}};
  for (const double sum : {0.0, 1.0}) {
    const NamedTensor logits{"test.logits", {1, 2}, std::vector<double>{sum, 2 * sum}};
    detail::TestVectors vectors;
    vectors.add(inputs);
    vectors.add(logits);
    CHECK_NOTHROW(vectors.require(model));
  }
}

TEST_CASE("Test vectors that are none of the network are refused") {
  const auto inputs_of = [](Safetensors& c) -> NamedTensor& { return c.tensors[4]; };
  CHECK_THAT(refusal_with_test_vectors([](Safetensors& c) { c.tensors.pop_back(); }),
             ContainsText("tensor 'test.logits' is missing"));
  CHECK_THAT(
      refusal_with_test_vectors([](Safetensors& c) { c.tensors.erase(c.tensors.begin() + 4); }),
      ContainsText("tensor 'test.inputs' is missing"));
  CHECK_THAT(refusal_with_test_vectors([&](Safetensors& c) { inputs_of(c).name = "test.images"; }),
             ContainsText("tensor 'test.images'"));
  CHECK_THAT(refusal_with_test_vectors([&](Safetensors& c) {
               inputs_of(c).extents = {3, 6, 5, 2};
             }),
             ContainsText("has the shape 3 x 6 x 5 x 2, expected 3 x 2 x 6 x 5"));
  CHECK_THAT(refusal_with_test_vectors([](Safetensors& c) {
               c.tensors.back().extents = {1, 9};
             }),
             ContainsText("'test.logits' has the shape 1 x 9, expected 3 x 3"));
  CHECK_THAT(refusal_with_test_vectors(
                 [](Safetensors& c) { c.tensors.back().values = std::vector<float>(9); }),
             ContainsText("'test.logits' is of F32, expected F64"));
  CHECK_THAT(refusal_with_test_vectors([&](Safetensors& c) {
               std::get<0>(inputs_of(c).values)[3] = std::numeric_limits<float>::infinity();
             }),
             ContainsText("'test.inputs': its value 3 is not finite"));
  CHECK_THAT(refusal_with_test_vectors([](Safetensors& c) {
               std::get<1>(c.tensors.back().values)[3] = std::numeric_limits<double>::quiet_NaN();
             }),
             ContainsText("'test.logits': its value 3 is not finite"));
  for (const Index count : {0, 65})
    CHECK_THAT(refusal_with_test_vectors([&](Safetensors& c) {
                 inputs_of(c).extents[0] = count;
                 inputs_of(c).values = std::vector<float>(static_cast<std::size_t>(60 * count));
               }),
               ContainsText("inputs, expected 1 to 64"));
}

TEST_CASE("Damaged bytes in a model file are refused or load, and nothing else") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m";
  save_model(path, small());
  std::ifstream in(path, std::ios::binary);
  const files::Bytes whole{std::istreambuf_iterator<char>(in), {}};
  Random random(5);
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    files::Bytes bytes = whole;
    for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips)
      bytes[random.below(700)] = static_cast<std::uint8_t>(random.bits());
    files::write(path, bytes);
    try {
      (void)load_model<float>(path);
    } catch (const FileError&) {
      ++refused;
    }
  }
  CHECK(refused > 200);
}

TEST_CASE("Saving refuses what could not be loaded, and leaves the old file") {
  const files::TemporaryDirectory directory;
  const auto path = directory / "m";
  save_model(path, small(1));
  GloroModel<float> broken = small(2);
  broken.parameters()[0]->value(0, 0) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH(save_model(path, broken), ContainsText("'layers.0.weight' is not finite"));
  CHECK_THROWS_WITH(save_model(path, small(2), {.other = {{"layers", ""}}}),
                    ContainsText("the file's own"));
  CHECK_THROWS_AS(save_model(path, small(2), {.epsilon = -1.0}), ArgumentError);
  CHECK_THROWS_AS(save_model(path, small(2), {.other = {{"note", "\xff"}}}), ArgumentError);
  const GloroModel<float> anonymous({1, 1, 2}, {Anonymous(), Dense<float>(2)});
  CHECK_THROWS_WITH(save_model(path, anonymous), ContainsText("describe()"));
  CHECK(same_parameters(load_model<float>(path).model, small(1)));
}

TEST_CASE("A user's own layer travels with a maker of the user's own") {
  const files::TemporaryDirectory directory;
  const GloroModel<float> model({1, 1, 2}, {Negation(), Dense<float>(2)}, 1);
  save_model(directory / "m", model);
  CHECK_THROWS_WITH(load_model<float>(directory / "m"), ContainsText("'negation'"));
  const auto loaded = load_model<float>(directory / "m", {.catalogue = with_negation});
  const auto x = inputs<float>({1, 1, 2}, 3, 2);
  CHECK(loaded.model.logits(x).matrix() == model.logits(x).matrix());
}
