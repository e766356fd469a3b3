// The ONNX import: what was exported comes back as it was, what is folded is the same function, what is
// not known is refused by name, and damage is an Error. Whole networks of other programs, and ONNX's own
// tests of its operators, are run by onnx_import_test.py and onnx_nodes_test.py.
#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
#include "gloro/io/onnx_reader.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/io/onnx.hpp"
#include "gloro/layers/dense.hpp"
#include "io/networks.hpp"
#include "io/onnx_graphs.hpp"

using namespace gloro;
using onnx_graphs::Graph, onnx_graphs::logits, onnx_graphs::types;

namespace {

template <typename Scalar>
double product_of_bounds(const GloroModel<Scalar>& model) {
  double product = 1;
  for (const auto& layer : model.layers()) product *= layer.lipschitz_upper_bound();
  return product;
}

GloroModel<float> flat_network() {
  GloroModel<float> flat({1, 1, 6}, {Normalization<float>({1, 2, 3, 4, 5, 6}, {1, 1, 1, 2, 2, 2}),
                                     MinMax<float>(), Conv2D<float>({.filters = 4, .kernel = 1}),
                                     Dense<float>(4), MinMax<float>(MinMaxPairs::halves),
                                     Conv2D<float>({.filters = 5, .kernel = 1}), Dense<float>(3)});
  networks::disturb(flat, 9);
  return flat;
}

/// One image channel of 3 x 3, two filters of 2 x 2, a batch norm, ReLU, and a sum to one logit.
Graph normalized() {
  Graph graph({-1, 1, 3, 3});
  graph.constant("w", {2, 1, 2, 2}, {1, 0, 0, 1, 0, 1, -1, 0});
  graph.node("Conv", {"x", "w"}, "c");
  graph.constant("scale", {2}, {3, 1});
  graph.constant("shift", {2}, {1, 0});
  graph.constant("mean", {2}, {2, 0});
  graph.constant("variance", {2}, {4, 1});
  onnx::NodeProto& norm =
      graph.node("BatchNormalization", {"c", "scale", "shift", "mean", "variance"}, "n");
  onnx::AttributeProto& epsilon = *norm.add_attribute();
  epsilon.set_name("epsilon");
  epsilon.set_type(onnx::AttributeProto::FLOAT);
  epsilon.set_f(0);
  graph.node("Relu", {"n"}, "r");
  graph.node("Flatten", {"r"}, "f");
  graph.constant("ones", {8, 1}, std::vector<float>(8, 1));
  graph.node("MatMul", {"f", "ones"}, "y");
  return graph;
}

}  // namespace

TEST_CASE("An exported network is read back as it was, to the last bit") {
  const files::TemporaryDirectory directory;
  for (const GloroModel<float>& model :
       {networks::everything<float>(), networks::small(), networks::potential<float>(),
        networks::activations<float>(), flat_network()}) {
    export_onnx(directory / "m.onnx", Certifier<float>(model), 0.25);
    const OnnxModel<float> read = load_onnx(directory / "m.onnx", {.is_folded = false});
    CHECK(types(read.model) == types(model));
    CHECK(networks::same_parameters(read.model, model));
    const auto x = networks::inputs<float>(model.input_shape(), 5, 3);
    CHECK(read.model.logits(x).matrix() == model.logits(x).matrix());
    CHECK(read.metadata.epsilon == 0.25);

    // Folded it has fewer layers or as many, is the same function but for roundings of double, and is
    // bounded no worse.
    const OnnxModel<double> folded = load_onnx<double>(directory / "m.onnx");
    const auto wide = networks::inputs<double>(model.input_shape(), 5, 3);
    const auto wanted = model.cast<double>().logits(wide);
    CHECK((folded.model.logits(wide).matrix() - wanted.matrix()).norm() <=
          1e-13 * wanted.matrix().norm());
    CHECK(folded.model.layers().size() <= model.layers().size());
    CHECK(product_of_bounds(folded.model) <= product_of_bounds(model) * (1 + 1e-6));
  }
}

TEST_CASE("Sorted groups, norms of windows, gains and biases come back as they were") {
  const files::TemporaryDirectory directory;
  GloroModel<float> model(
      {9, 8, 2}, {ChannelAffine<float>({.gain = false}), Conv2D<float>({.filters = 6, .kernel = 3}),
                  GroupSort<float>(3), ExponentialConv2D<float>(),
                  L2Pooling2D<float>({.pool = 3, .stride = 2}), ChannelAffine<float>(),
                  AveragePooling2D<float>({.pool = 2}), Dense<float>(8), GroupSort<float>(4),
                  ChannelAffine<float>({.bias = false}), Dense<float>(3)});
  networks::disturb(model, 9);
  export_onnx(directory / "m.onnx", Certifier<float>(model), 0.25);
  const OnnxModel<float> read = load_onnx(directory / "m.onnx", {.is_folded = false});
  CHECK(types(read.model) == types(model));
  CHECK(networks::same_parameters(read.model, model));
  const auto x = networks::inputs<float>(model.input_shape(), 5, 3);
  CHECK(read.model.logits(x).matrix() == model.logits(x).matrix());
}

TEST_CASE("A step down a convex potential is one layer, on whichever side its number stands") {
  for (const bool number_first : {true, false}) {
    Graph graph({-1, 2, 1, 1});
    graph.constant("w", {3, 2, 1, 1}, {1, 2, -1, 1, 0, 3});
    graph.constant("h", {}, {0.5F});
    graph.node("Conv", {"x", "w"}, "c");
    graph.node("Relu", {"c"}, "r");
    graph.node("ConvTranspose", {"r", "w"}, "t");
    graph.node(
        "Mul",
        number_first ? std::vector<std::string>{"h", "t"} : std::vector<std::string>{"t", "h"},
        "s");
    graph.node("Sub", {"x", "s"}, "d");
    graph.node("Flatten", {"d"}, "f");
    graph.constant("v", {2, 1}, {1, 10});
    graph.node("MatMul", {"f", "v"}, "y");
    const OnnxModel<double> read = graph.load<double>();
    CHECK(types(read.model) == std::vector<std::string>{"convex_potential", "dense"});
    // By hand: x = (1, 1), W x = (3, 0, 3), W^T of it (3, 15), and (1 - 1.5) + 10 (1 - 7.5).
    CHECK(logits(read.model, {1, 1}) == std::vector<double>{-65.5});
  }
}

TEST_CASE("A transposed convolution of stride 1 is the convolution with its kernel turned") {
  const auto built = [](const std::function<void(Graph&, onnx::NodeProto&)>& more) {
    Graph graph({-1, 1, 2, 2});
    graph.constant("w", {1, 2, 2, 3}, {1, 2, 3, 4, 5, 6, 0, 0, 1, 0, 0, 0});
    graph.constant("b", {2}, {0, 100});
    onnx::NodeProto& node = graph.node("ConvTranspose", {"x", "w", "b"}, "c");
    more(graph, node);
    graph.node("Flatten", {"c"}, "y");
    return graph;
  };
  const auto cut = [](Graph& graph, onnx::NodeProto& node) {
    graph.integers(node, "pads", {0, 1, 1, 1});
  };
  // Each pixel of (1, 10; 100, 1000) spreads the kernel from itself on; the last row and the columns at
  // either end are cut off. Filter 2 moves the image by two columns.
  const auto read = built(cut).load<double>({.is_folded = false});
  CHECK(types(read.model) == std::vector<std::string>{"conv2d", "dense"});
  CHECK(logits(read.model, {1, 10, 100, 1000}) ==
        std::vector<double>{12, 23, 1245, 2356, 100, 101, 100, 200});
  for (const std::string attribute : {"strides", "dilations"})
    CHECK_THROWS_WITH(built([&](Graph& graph, onnx::NodeProto& node) {
                        graph.integers(node, attribute, {1, 2});
                      }).load(),
                      ContainsText("where it enlarges nothing"));
  for (const std::string attribute : {"output_shape", "output_padding"})
    CHECK_THROWS_WITH(built([&](Graph& graph, onnx::NodeProto& node) {
                        graph.integers(node, attribute, {4, 4});
                      }).load(),
                      ContainsText("not with a shape of its output"));
  CHECK_THROWS_WITH(built([&](Graph& graph, onnx::NodeProto& node) {
                      graph.integers(node, "pads", {2, 0, 0, 0});
                    }).load(),
                    ContainsText("it cuts off 2 of a kernel's 2"));
}

TEST_CASE("A batch norm goes into the convolution before it") {
  const OnnxModel<double> read = normalized().load<double>();
  CHECK(types(read.model) == std::vector<std::string>{"conv2d", "relu", "dense"});
  REQUIRE(read.remarks.size() == 1);
  CHECK_THAT(read.remarks[0],
             ContainsText("'the n' (BatchNormalization) is folded into node 'the c'"));
  // By hand: filter 1 sums each pixel with the one below to its right, filter 2 takes the pixel to the
  // right less the one below. With pixels 1 ... 9 the first gives 6, 8, 12, 14, of which
  // 3 (s - 2) / 2 + 1 is 7, 10, 16, 19; the second -2 everywhere, so 0.
  CHECK(logits(read.model, {1, 2, 3, 4, 5, 6, 7, 8, 9}) == std::vector<double>{52});
  const OnnxModel<double> apart = normalized().load<double>({.is_folded = false});
  CHECK(types(apart.model) ==
        std::vector<std::string>{"conv2d", "channel_affine", "relu", "dense"});
  CHECK(logits(apart.model, {1, 2, 3, 4, 5, 6, 7, 8, 9})[0] == Approx(52).epsilon(1e-14));
}

TEST_CASE("All nodes that are not known are named at once") {
  Graph graph({-1, 4});
  graph.node("Erf", {"x"}, "a");
  graph.node("Relu", {"a"}, "b");
  graph.integer(graph.node("LayerNormalization", {"b"}, "c"), "axis", 1);
  graph.node("Mul", {"b", "c"}, "d");
  graph.integer(graph.node("Softmax", {"d"}, "y"), "heads", 2);
  graph.node("Sin", {"x"}, "nobody reads it");
  CHECK(graph.refusal() ==
        "4 of its nodes cannot be taken:"
        "\n  node 'the a' (Erf): an operator that is not known here"
        "\n  node 'the c' (LayerNormalization): an operator that is not known here"
        "\n  node 'the d' (Mul): several of its inputs depend on the network's input: only Add, "
        "Sub and Concat are taken so"
        "\n  node 'the y' (Softmax): its attribute 'heads' is not known here");
}

TEST_CASE("A node that is known but cannot be taken is named, and what is wrong with it") {
  const auto refusal_of = [](const auto& add) {
    Graph graph({-1, 2, 4, 4});
    graph.constant("w", {2, 2, 3, 3}, std::vector<float>(36, 1));
    add(graph);
    return graph.refusal();
  };
  CHECK(
      refusal_of([](Graph& g) {
        g.integer(g.node("Conv", {"x", "w"}, "y"), "group", 2);
      }) ==
      "node 'the y' (Conv): it has 2 filters on 2 channels in 2 groups, on an image of 2 channels");
  CHECK(
      refusal_of([](Graph& g) {
        g.node("Gemm", {"x", "w"}, "y");
      }) ==
      "node 'the y' (Gemm): it multiplies samples of 3 axes by a constant of 4, expected 1 and 2");
  CHECK(refusal_of([](Graph& g) {
          g.node("Softmax", {"x"}, "a");
          g.node("Relu", {"a"}, "y");
        }) == "node 'the a' (Softmax): it is not over the classes of a sample");
  CHECK(refusal_of([](Graph& g) {
          g.node("Flatten", {"x"}, "a");
          g.node("Softmax", {"a"}, "b");
          g.node("Relu", {"b"}, "y");
        }) ==
        "node 'the y' (Relu): it follows node 'the b' (Softmax), which is taken only as the "
        "last of a network");
  CHECK(refusal_of([](Graph& g) {
          g.constant("c", {1, 1, 4, 4}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
          g.node("Add", {"x", "c"}, "y");
        }) ==
        "node 'the y' (Add): its constant differs from pixel to pixel, expected one for each "
        "channel");
  // Conv and ConvTranspose share out an odd number of zeros each its own way.
  CHECK(refusal_of([](Graph& g) {
          g.constant("u", {2, 2, 1, 2}, {1, 0, 0, 0, 0, 0, 1, 0});
          g.constant("h", {}, {1});
          g.text(g.node("Conv", {"x", "u"}, "c"), "auto_pad", "SAME_UPPER");
          g.node("Relu", {"c"}, "r");
          g.text(g.node("ConvTranspose", {"r", "u"}, "t"), "auto_pad", "SAME_UPPER");
          g.node("Mul", {"h", "t"}, "s");
          g.node("Sub", {"x", "s"}, "y");
        }).find("auto_pad is not the same in both directions") != std::string::npos);
  CHECK(refusal_of([](Graph& g) {
          onnx::NodeProto& pool = g.node("MaxPool", {"x"}, "y");
          g.integers(pool, "kernel_shape", {3, 3});
          g.integers(pool, "strides", {2, 2});
          g.integer(pool, "ceil_mode", 1);
          g.text(pool, "auto_pad", "VALID");
        }) == "node 'the y' (MaxPool): its ceil_mode contradicts its auto_pad VALID");
  CHECK(refusal_of([](Graph& g) {
          g.integers(g.node("Transpose", {"x"}, "y"), "perm", {1, 0, 2, 3});
        }) == "node 'the y' (Transpose): it moves the batch");
  CHECK(refusal_of([](Graph& g) {
          g.integers(g.node("Transpose", {"x"}, "a"), "perm", {0, 1, 3, 2});
          g.node("Conv", {"a", "w"}, "y");
        }) ==
        "node 'the y' (Conv): its images are none: their values were moved by more than an "
        "order of channels");
  CHECK(refusal_of([](Graph& g) {
          g.constant("c", {2, 1, 1}, {1, NAN});
          g.node("Mul", {"x", "c"}, "y");
        }) == "node 'the y' (Mul): it has a constant that is nan");
  CHECK(refusal_of([](Graph& g) {
          g.constant("v", {1, 2, 1, 1}, {1, INFINITY});
          g.node("Conv", {"x", "v"}, "y");
        }) == "node 'the y' (Conv): its weight is not finite");
}

TEST_CASE("A softmax at the end is left out, and said") {
  Graph graph({-1, 3});
  graph.node("Relu", {"x"}, "a");
  graph.node("Softmax", {"a"}, "y");
  const OnnxModel<float> read = graph.load();
  CHECK(read.remarks == std::vector<std::string>{
                            "node 'the y' (Softmax) is left out: the top class stays what it is"});
  CHECK(logits(read.model, {1, -2, 3}) == std::vector<double>{1, 0, 3});
}

TEST_CASE("An order of channels is taken up by the weights that read it") {
  // Two channels of 1 x 2 pixels, flattened by ONNX channel by channel: a0 a1 b0 b1.
  Graph flat({-1, 2, 1, 2});
  flat.constant("w", {4, 1}, {1000, 100, 10, 1});
  flat.node("Flatten", {"x"}, "f");
  flat.node("MatMul", {"f", "w"}, "y");
  CHECK(logits(flat.load().model, {1, 3, 2, 4}) == std::vector<double>{1234});  // channels last

  // Max before Min, as PyTorch's cat([max, min]) has it: the larger half comes first.
  Graph sorted({-1, 4});
  onnx::NodeProto& split = sorted.node("Split", {"x"}, "a");
  split.add_output("b");
  sorted.integer(split, "axis", 1);
  sorted.node("Min", {"a", "b"}, "small");
  sorted.node("Max", {"b", "a"}, "large");
  sorted.integer(sorted.node("Concat", {"large", "small"}, "s"), "axis", -1);
  sorted.constant("w", {4, 1}, {1000, 100, 10, 1});
  sorted.node("MatMul", {"s", "w"}, "y");
  const OnnxModel<float> read = sorted.load();
  CHECK(types(read.model) == std::vector<std::string>{"minmax", "dense"});
  CHECK(logits(read.model, {1, 8, 3, 2}) == std::vector<double>{3812});
}

TEST_CASE("A shape that a graph computes is followed") {
  // x.view(x.size(0), -1), as PyTorch writes it.
  Graph graph({-1, 2, 2, 2});
  graph.node("Shape", {"x"}, "shape");
  graph.list("zero", {0});
  graph.node("Gather", {"shape", "zero"}, "batch");
  graph.list("rest", {-1});
  graph.integer(graph.node("Concat", {"batch", "rest"}, "target"), "axis", 0);
  graph.node("Reshape", {"x", "target"}, "f");
  graph.constant("w", {8, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  graph.node("MatMul", {"f", "w"}, "y");
  CHECK(logits(graph.load().model, {1, 0, 0, 0, 0, 0, 0, 1}) == std::vector<double>{9});
}

TEST_CASE("What the file leaves open is what the options say, channel by channel") {
  Graph graph({-1, 8});
  graph.constant("w", {8, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  graph.node("MatMul", {"x", "w"}, "y");
  const GloroModel<float> model = graph.load(OnnxOptions{.input = Shape{2, 2, 2}}).model;
  CHECK(model.input_shape() == Shape{2, 2, 2});
  // The library's second value is the first pixel of channel 2, ONNX's fifth.
  CHECK(logits(model, {0, 1, 0, 0, 0, 0, 0, 0}) == std::vector<double>{5});
  CHECK(graph.load().model.input_shape() == Shape{1, 1, 8});
  CHECK(graph.refusal({.input = Shape{2, 2, 3}}) == "its input 'x' does not take images of 2x2x3");

  Graph open({-1, 1, -1, -1});
  open.node("GlobalAveragePool", {"x"}, "y");
  CHECK(open.refusal() ==
        "its input 'x' leaves an extent free: say what images are (OnnxOptions::input)");
  CHECK(logits(open.load(OnnxOptions{.input = Shape{2, 2, 1}}).model, {1, 2, 3, 6}) ==
        std::vector<double>{3});
}

TEST_CASE("Numbers may lie in a file beside, and nowhere else") {
  const files::TemporaryDirectory directory;
  const auto refusal_of = [&](const std::string& location, const std::string& offset,
                              const std::string& length, std::int64_t rows = 2) {
    Graph graph({-1, 2});
    onnx::TensorProto& w = graph.constant("w", {rows, 1}, {});
    w.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : {std::pair("location", location), std::pair("offset", offset),
                                     std::pair("length", length)}) {
      w.add_external_data()->set_key(key);
      w.mutable_external_data()->rbegin()->set_value(value);
    }
    graph.node("MatMul", {"x", "w"}, "y");
    graph.save(directory / "m.onnx");
    try {
      const OnnxModel<float> read = load_onnx(directory / "m.onnx");
      return "taken: " + std::to_string(logits(read.model, {1, 10})[0]);
    } catch (const FileError& error) {
      return std::string(error.what());
    }
  };
  {
    std::ofstream out(directory / "beside", std::ios::binary);
    const float values[] = {7, 1, 2};
    out.write(reinterpret_cast<const char*>(values), sizeof values);
  }
  CHECK(refusal_of("beside", "4", "8") == "taken: 21.000000");
  for (const char* elsewhere : {"../beside", "/etc/passwd", "", "..", "a\\b"})
    CHECK_THAT(refusal_of(elsewhere, "0", "8"),
               ContainsText("expected the name of a file in the folder"));
  CHECK_THAT(refusal_of("beside", "8", "8"), ContainsText("do not lie in"));
  CHECK_THAT(refusal_of("beside", "0", "12"), ContainsText("do not lie in"));
  CHECK_THAT(refusal_of("beside", "-4", "8"), ContainsText("its offset is '-4'"));
  CHECK_THAT(refusal_of("missing", "0", "8"), ContainsText("missing"));
  CHECK_THAT(refusal_of("beside", "0", "8", std::int64_t{1} << 40),
             ContainsText("the constant 'w'"));
}

TEST_CASE("A file that claims more than it has is refused before anything is taken for it") {
  Graph many({-1, 2});
  many.constant("w", {std::int64_t{1} << 40, std::int64_t{1} << 40}, {1});
  many.node("MatMul", {"x", "w"}, "y");
  CHECK_THAT(many.refusal(), ContainsText("do not multiply to a valid size"));

  // A kilobyte that would be an image of 4 TB.
  Graph wide({-1, 1, 1 << 20, 1 << 20});
  wide.node("Relu", {"x"}, "y");
  CHECK_THAT(wide.refusal(),
             ContainsText("the input needs") && ContainsText("more than the limit"));

  Graph dilated({-1, 1, 9, 9});
  dilated.constant("w", {1, 1, 2, 2}, {1, 1, 1, 1});
  onnx::NodeProto& conv = dilated.node("Conv", {"x", "w"}, "y");
  dilated.integers(conv, "dilations", {1 << 20, 1 << 20});
  dilated.integers(conv, "pads", {1 << 20, 1 << 20, 1 << 20, 1 << 20});
  CHECK_THAT(dilated.refusal(),
             ContainsText("'the y' (Conv)") && ContainsText("more than the limit"));

  // Each line doubles a constant.
  Graph doubling({-1, 2});
  doubling.list("c0", {1, 1});
  for (int i = 0; i < 60; ++i)
    doubling.integer(doubling.node("Concat", {"c" + std::to_string(i), "c" + std::to_string(i)},
                                   "c" + std::to_string(i + 1)),
                     "axis", 0);
  doubling.node("Add", {"x", "c60"}, "y");
  CHECK_THAT(doubling.refusal(),
             ContainsText("a constant needs") && ContainsText("more than the limit"));
}

TEST_CASE("A damaged ONNX file is an Error, wherever it ends and whatever bit is wrong") {
  const files::TemporaryDirectory directory;
  normalized().save(directory / "whole.onnx");
  std::ifstream in(directory / "whole.onnx", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  REQUIRE(whole.size() > 300);
  int refused = 0, tried = 0;
  const auto try_to_read = [&](const std::string& bytes) {
    std::ofstream(directory / "m.onnx", std::ios::binary) << bytes;
    ++tried;
    try {
      (void)load_onnx(directory / "m.onnx");
    } catch (const Error& error) {
      ++refused;
      CHECK_THAT(error.what(), ContainsText("m.onnx"));
    }
  };
  for (std::size_t size = 0; size < whole.size(); size += 3) try_to_read(whole.substr(0, size));
  CHECK(refused == tried);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    try_to_read(bytes);
  }
  CHECK(refused > tried / 2);
  CHECK_THROWS_AS((void)load_onnx(directory / "none.onnx"), FileError);
}

TEST_CASE("An ONNX file of another version, or of doubles for floats, is refused") {
  Graph old({-1, 2}, 8);
  old.node("Relu", {"x"}, "y");
  CHECK(old.refusal() == "it is written in version 8 of ONNX's operators, expected 9 to 25");
  Graph next({-1, 2}, 26);
  next.node("Relu", {"x"}, "y");
  CHECK_THAT(next.refusal(), ContainsText("version 26"));

  Graph wide({-1, 2});
  wide.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      onnx::TensorProto::DOUBLE);
  wide.node("Relu", {"x"}, "y");
  CHECK_THAT(wide.refusal(), ContainsText("its numbers are float64"));
  CHECK(types(wide.load<double>().model) == std::vector<std::string>{"relu", "dense"});
}

TEST_CASE("The page on ONNX names every operator that is taken") {
  std::ifstream in(GLORO_SOURCE "/docs/onnx.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const std::string table =
      page.substr(page.find("| operator |"), page.find("Anything else is refused"));
  for (const std::string& name : detail::OnnxOperators::names())
    CHECK_THAT(table, ContainsText(name));
}

TEST_CASE("An imported network is certified") {
  Graph two({-1, 2});
  two.constant("w", {2, 2}, {1, 0, 0, 1});
  two.node("MatMul", {"x", "w"}, "y");
  const Certifier<float> certifier(two.load().model);
  Tensor<float> x({1, 1, 2}, 1);
  x.data()[0] = 1;
  x.data()[1] = 0;
  // The difference of the logits moves by no more than sqrt(2) times the distance.
  CHECK(certifier.certify_image(x).radius == Approx(1 / std::sqrt(2)).epsilon(1e-5));
}
#endif
