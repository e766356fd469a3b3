// Where ways through an ONNX graph part and meet: residual blocks, sums and channels side by side, in one
// another; and ways that cross, which are refused.
#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
#include <string>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/io/onnx.hpp"
#include "gloro/io/onnx_reader.hpp"
#include "io/networks.hpp"
#include "io/onnx_graphs.hpp"

using namespace gloro;
using onnx_graphs::Graph, onnx_graphs::logits, onnx_graphs::types;
using Strings = std::vector<std::string>;

namespace {

/// Puts a matrix of 2 x 2 in front of what follows, so that nothing is the input itself.
void begin(Graph& graph) {
  graph.constant("w", {2, 2}, {1, 2, 3, 4});
  graph.node("MatMul", {"x", "w"}, "a");  // (x0 + 3 x1, 2 x0 + 4 x1)
}

}  // namespace

TEST_CASE("A value that is added to what becomes of it is a residual block") {
  Graph graph({-1, 2});
  begin(graph);
  graph.node("Relu", {"a"}, "r");
  graph.node("MatMul", {"r", "w"}, "m");
  graph.node("Add", {"m", "a"}, "s");
  graph.node("MatMul", {"s", "w"}, "y");
  const OnnxModel<double> read = graph.load<double>();
  CHECK(types(read.model) == Strings{"dense", "residual", "dense"});
  // a = (-2, -2) gives r = 0, s = a, y = (-8, -12); a = (4, 6): m = (22, 32), s = (26, 38).
  CHECK(logits(read.model, {1, -1}) == std::vector<double>{-8, -12});
  CHECK(logits(read.model, {1, 1}) == std::vector<double>{26 + 3 * 38, 2 * 26 + 4 * 38});
}

TEST_CASE("A linear residual block is one layer, if it is to be folded") {
  Graph graph({-1, 2});
  graph.node("Relu", {"x"}, "a");
  graph.constant("w", {2, 2}, {1, 2, 3, 4});
  graph.node("MatMul", {"a", "w"}, "m");
  graph.node("Sub", {"a", "m"}, "y");
  const OnnxModel<double> read = graph.load<double>();
  CHECK(types(read.model) == Strings{"relu", "dense"});
  CHECK(logits(read.model, {1, 1}) == std::vector<double>{1 - 4, 1 - 6});
  const OnnxModel<double> apart = graph.load<double>({.is_folded = false});
  CHECK(types(apart.model) == Strings{"relu", "residual", "dense"});
  CHECK(logits(apart.model, {1, 1}) == std::vector<double>{1 - 4, 1 - 6});
}

TEST_CASE("Sums of several, and sums in sums, are parallel branches") {
  Graph graph({-1, 2});
  begin(graph);
  graph.node("Relu", {"a"}, "r");
  graph.node("Abs", {"a"}, "b");
  graph.node("Tanh", {"r"}, "t");
  graph.node("Add", {"r", "t"}, "inner");
  graph.node("Add", {"inner", "b"}, "two");
  graph.node("Add", {"two", "a"}, "s");
  graph.node("Add", {"s", "s"}, "twice");
  graph.node("MatMul", {"twice", "w"}, "y");
  const OnnxModel<double> read = graph.load<double>();
  CHECK(types(read.model) == Strings{"dense", "parallel", "parallel", "dense"});
  const double t = std::tanh(4.0), u = std::tanh(6.0);  // a = (4, 6): s = (12 + t, 18 + u)
  const auto y = logits(read.model, {1, 1});
  CHECK(y[0] == Approx(2 * (12 + t + 3 * (18 + u))).epsilon(1e-12));
  CHECK(y[1] == Approx(2 * (2 * (12 + t) + 4 * (18 + u))).epsilon(1e-12));
}

TEST_CASE("Branches side by side keep the order of their channels") {
  Graph graph({-1, 2});
  begin(graph);
  graph.node("Relu", {"a"}, "r");
  graph.node("Abs", {"a"}, "b");
  graph.integer(graph.node("Concat", {"b", "a", "r"}, "c"), "axis", -1);
  graph.constant("v", {6, 1}, {100000, 10000, 1000, 100, 10, 1});
  graph.node("MatMul", {"c", "v"}, "y");
  const OnnxModel<double> read = graph.load<double>();
  CHECK(types(read.model) == Strings{"dense", "parallel", "dense"});
  CHECK(logits(read.model, {1, 1}) == std::vector<double>{464646});
}

TEST_CASE("Ways that cross are refused, and the node that they cross in is named") {
  Graph graph({-1, 2});
  begin(graph);
  graph.node("Relu", {"a"}, "r");
  graph.node("Abs", {"r"}, "b");
  graph.node("Add", {"a", "b"}, "s");  // r lies on the way to s and to y
  graph.node("Add", {"s", "r"}, "y");
  CHECK_THAT(graph.refusal(),
             ContainsText("lies on two ways to a sum") && ContainsText("node 'the "));

  Graph order({-1, 4});
  order.node("Relu", {"x"}, "a");
  onnx::NodeProto& split = order.node("Split", {"a"}, "l");
  split.add_output("r");
  order.integer(split, "axis", 1);
  order.node("Max", {"l", "r"}, "large");
  order.node("Min", {"l", "r"}, "small");
  order.integer(order.node("Concat", {"large", "small"}, "m"), "axis", 1);
  order.node("Add", {"m", "a"}, "y");
  CHECK(order.refusal() ==
        "node 'the y' (Add): it adds values whose channels are in different orders");
}

TEST_CASE("A constant beside a value is no layer, and is refused") {
  Graph graph({-1, 2});
  begin(graph);
  graph.constant("c", {1, 2}, {1, 2});
  graph.node("Concat", {"a", "c"}, "y");
  CHECK_THROWS_WITH(graph.load<double>(), ContainsText("(Concat)") && ContainsText("a constant"));
}

TEST_CASE("Layers made of layers come back from ONNX") {
  const files::TemporaryDirectory directory;
  const auto model = networks::composed<float>();
  export_onnx(directory / "m.onnx", Certifier<float>(model), 0.25);
  const OnnxModel<double> read = load_onnx<double>(directory / "m.onnx");
  const auto x = networks::inputs<double>(model.input_shape(), 5, 3);
  const auto wanted = model.cast<double>().logits(x);
  CHECK((read.model.logits(x).matrix() - wanted.matrix()).norm() <= 1e-12 * wanted.matrix().norm());
}
#endif
