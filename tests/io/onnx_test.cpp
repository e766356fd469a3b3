// The exported graph, read back: its bottom logit and radius computed node by node against their
// definitions, its constants never too small, its windows where the layers have them. Whole networks
// are run by onnxruntime, where it is installed (onnx_test.mjs).
#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
#include "gloro/io/onnx.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/core/random.hpp"
#include "io/networks.hpp"

using namespace gloro;

namespace {

constexpr float float_infinity = std::numeric_limits<float>::infinity();
using Values = std::vector<float>;  // of one sample; truth values are 0 and 1

onnx::ModelProto read_graph(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  onnx::ModelProto model;
  REQUIRE(model.ParseFromIstream(&in));
  return model;
}

/// Bottom logit and radius from the logits of one sample, by the nodes of the graph.
class Evaluation {
 public:
  Evaluation(const onnx::GraphProto& graph, const Values& logits) {
    values_["logits"] = logits;
    for (const auto& constant : graph.initializer()) {
      Values& all = values_[constant.name()];
      all.assign(constant.float_data().begin(), constant.float_data().end());
      all.insert(all.end(), constant.int32_data().begin(), constant.int32_data().end());
    }
    for (const auto& node : graph.node()) values_[node.output(0)] = of(node);
  }

  [[nodiscard]] float operator()(const std::string& name) const { return values_.at(name).at(0); }

 private:
  [[nodiscard]] const Values& in(const onnx::NodeProto& node, int i) const {
    return values_.at(node.input(i));
  }

  template <typename Function>
  [[nodiscard]] static Values by_place(const Values& a, const Values& b, Function&& function) {
    Values result(std::max(a.size(), b.size()));
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] = static_cast<float>(function(a[i % a.size()], b[i % b.size()]));
    return result;
  }

  [[nodiscard]] Values of(const onnx::NodeProto& node) const {
    const std::string& op = node.op_type();
    const Values& a = in(node, 0);
    if (op == "Identity" || op == "Squeeze") return a;
    const auto highest = std::max_element(a.begin(), a.end());
    if (op == "ArgMax") return {static_cast<float>(highest - a.begin())};
    if (op == "ReduceMax") return {*highest};
    if (op == "ReduceMin") return {*std::min_element(a.begin(), a.end())};
    if (op == "Abs") return by_place(a, a, [](float x, float) { return std::abs(x); });
    if (op == "ReduceSum") {
      float sum = 0;
      for (const float x : a) sum += x;
      return {sum};
    }
    const Values& b = in(node, 1);
    if (op == "Gather") {
      const std::size_t row = static_cast<std::size_t>(b.at(0)), size = values_.at("logits").size();
      const auto begin = a.begin() + static_cast<std::ptrdiff_t>(row * size);
      return {begin, begin + static_cast<std::ptrdiff_t>(size)};
    }
    if (op == "Where") {
      const Values& c = in(node, 2);
      Values result(std::max({a.size(), b.size(), c.size()}));
      for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = a[i % a.size()] != 0 ? b[i % b.size()] : c[i % c.size()];
      return result;
    }
    if (op == "Add") return by_place(a, b, [](float x, float y) { return x + y; });
    if (op == "Sub") return by_place(a, b, [](float x, float y) { return x - y; });
    if (op == "Mul") return by_place(a, b, [](float x, float y) { return x * y; });
    if (op == "Div") return by_place(a, b, [](float x, float y) { return x / y; });
    if (op == "Less") return by_place(a, b, [](float x, float y) { return x < y; });
    if (op == "Greater") return by_place(a, b, [](float x, float y) { return x > y; });
    if (op == "And") return by_place(a, b, [](float x, float y) { return x != 0 && y != 0; });
    throw Error("no such operation here: " + op);
  }

  std::map<std::string, Values> values_;
};

/// The graph that follows the logits.
onnx::ModelProto tail_of(float epsilon, const Matrix<double>& constants) {
  const files::TemporaryDirectory directory;
  OnnxGraph graph("tail");
  const std::string logits = graph.input("logits", {-1, constants.rows()}, "");
  detail::append_bottom(graph, logits, epsilon, constants);
  graph.save(directory / "tail.onnx");
  return read_graph(directory / "tail.onnx");
}

Matrix<double> random_constants(Index classes, std::uint64_t seed) {
  Random random(seed);
  Matrix<double> constants = Matrix<double>::Zero(classes, classes);
  for (Index j = 0; j < classes; ++j)
    for (Index i = 0; i < j; ++i) constants(i, j) = constants(j, i) = random.uniform(0.5, 2);
  return constants;
}

std::vector<std::int64_t> attribute(const onnx::NodeProto& node, const std::string& name) {
  for (const auto& one : node.attribute())
    if (one.name() == name) return {one.ints().begin(), one.ints().end()};
  return {};
}

}  // namespace

TEST_CASE("The exported bottom and radius are those of the definitions") {
  const float epsilon = 0.25F;
  const Matrix<double> constants = random_constants(5, 1);
  const onnx::ModelProto model = tail_of(epsilon, constants);
  Random random(2);
  for (int round = 0; round < 100; ++round) {
    Values y;
    for (int i = 0; i < 5; ++i) y.push_back(static_cast<float>(random.normal() - 8 * (round % 2)));
    const std::size_t top =
        static_cast<std::size_t>(std::max_element(y.begin(), y.end()) - y.begin());
    double bottom = -HUGE_VAL, radius = HUGE_VAL;
    for (std::size_t i = 0; i < 5; ++i) {
      if (i == top) continue;
      const double k = constants(static_cast<Index>(top), static_cast<Index>(i));
      bottom = std::max(bottom, double(y[i]) + double(epsilon) * k);
      radius = std::min(radius, (double(y[top]) - double(y[i])) / k);
    }
    const Evaluation found(model.graph(), y);
    CHECK(double(found("bottom")) == Approx(bottom).epsilon(1e-5));
    CHECK(double(found("radius")) == Approx(radius).epsilon(1e-5));
  }
}

TEST_CASE("The exported answer to a tie, or to what is no number, is none") {
  const onnx::ModelProto model = tail_of(0.25F, random_constants(3, 3));
  CHECK(Evaluation(model.graph(), {1, 1, 0})("radius") == 0);
  CHECK(Evaluation(model.graph(), {1, 1, 0})("bottom") >= 1);
  for (const Values& y :
       {Values{float_infinity, 0, 0}, Values{0, -float_infinity, 1}, Values{0, 1, NAN}}) {
    const Evaluation found(model.graph(), y);
    CHECK(found("bottom") == float_infinity);
    CHECK(found("radius") == 0);
  }
}

TEST_CASE("The exported constants are never too small") {
  const Matrix<double> constants = random_constants(20, 4);
  const onnx::ModelProto model = tail_of(0.25F, constants);
  int tables = 0;
  for (const auto& constant : model.graph().initializer()) {
    if (constant.float_data_size() != 400) continue;
    ++tables;
    for (Index j = 0; j < 20; ++j)
      for (Index i = 0; i < 20; ++i) {
        const auto k = static_cast<double>(constant.float_data(static_cast<int>(20 * j + i)));
        CHECK(k >= constants(j, i));
        if (i != j) CHECK(k <= constants(j, i) * (1 + 0x1p-22));
      }
  }
  CHECK(tables == 1);
}

TEST_CASE("An exported network takes channels last, and its windows lie as the layers' do") {
  const files::TemporaryDirectory directory;
  // 6 x 5: kernel 3, stride 2, `same`: (3 - 1) 2 + 3 - 6 = 1 row of zeros, after the image; and
  // (3 - 1) 2 + 3 - 5 = 2 columns, one on each side.
  export_onnx(directory / "m.onnx", Certifier<float>(networks::small()), 0.1);
  const onnx::ModelProto model = read_graph(directory / "m.onnx");
  int transposed = 0, convolved = 0;
  for (const auto& node : model.graph().node()) {
    if (node.op_type() == "Transpose") {
      ++transposed;
      CHECK(attribute(node, "perm") == std::vector<std::int64_t>{0, 3, 1, 2});
    }
    if (node.op_type() != "Conv") continue;
    ++convolved;
    CHECK(attribute(node, "kernel_shape") == std::vector<std::int64_t>{3, 3});
    CHECK(attribute(node, "strides") == std::vector<std::int64_t>{2, 2});
    CHECK(attribute(node, "pads") == std::vector<std::int64_t>{0, 1, 1, 1});
  }
  CHECK(transposed == 1);
  CHECK(convolved == 1);
}
#endif
