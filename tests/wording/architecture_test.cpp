// Architectures by name: what each spells, and what is refused.
#include "catch.hpp"

#include <string>
#include <utility>
#include <vector>

#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/downsampling.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/wording/architecture.hpp"

using namespace gloro;

namespace {

/// "conv2d minmax ... dense" of the layers built for an image.
std::string types(std::string_view name, Shape input) {
  const GloroModel<float> model(input, read_architecture<float>(name, 10, Initializer::glorot));
  std::string list;
  for (const auto& layer : model.layers()) list += layer.describe().type + ' ';
  return list;
}

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("The paper's architectures have the layers of their names") {
  const Shape cifar{32, 32, 3};
  const std::string conv = "conv2d minmax ", dense = "dense minmax ", head = "dense ";
  CHECK(types("2C2F", cifar) == times(2, conv) + dense + head);
  CHECK(types("minmax_cnn_4C3F", cifar) == times(4, conv) + times(2, dense) + head);
  CHECK(types("6C2F", cifar) == times(6, conv) + dense + head);
}

TEST_CASE("2C2F-L has the layers of 2C2F, twice as many filters and more units") {
  const GloroModel<float> model({28, 28, 1}, read_architecture<float>("2C2F-L", 10));
  std::vector<Index> rows;
  for (const auto* parameter : model.parameters())
    if (parameter->name == "weight") rows.push_back(parameter->value.rows());
  CHECK(rows == std::vector<Index>{32, 64, 256, 10});
}

TEST_CASE("The successors' architectures have residual convolutions or convex potential layers") {
  const Shape cifar{32, 32, 3};
  const std::string conv = "conv2d minmax ", dense = "dense minmax ", head = "dense ";
  const std::string potential = "convex_potential ";
  CHECK(types("LiResNet-S", cifar) == times(10, conv) + dense + head);
  CHECK(types("CPL-S", cifar) == conv + times(4, potential) + conv + times(4, potential) + dense +
                                     times(2, potential) + head);
  const auto layers = read_architecture<float>("LiResNet-S", 10);
  CHECK(layers[2].as<ResidualConv2D<float>>());
  CHECK_FALSE(layers[0].as<ResidualConv2D<float>>());
}

TEST_CASE("A prefix says which activation follows each layer") {
  const Shape cifar{32, 32, 3};
  for (const auto& [prefix, type] : {std::pair<std::string, std::string>{"relu_", "relu"},
                                     {"abs_", "abs"},
                                     {"fullsort_", "group_sort"},
                                     {"householder_cnn_", "householder"}}) {
    CHECK(types(prefix + "2C2F", cifar) ==
          times(2, "conv2d " + type + ' ') + "dense " + type + ' ' + "dense ");
    CHECK(types(prefix + "(4,3).8", cifar) == "conv2d " + type + " dense " + type + " dense ");
  }
  CHECK_THROWS_AS(read_architecture<float>("tanh_2C2F", 10), ArgumentError);
  CHECK_THROWS_AS(read_architecture<float>("relu_abs_2C2F", 10), ArgumentError);
}

TEST_CASE("Residual convolutions and convex potential layers can be spelled") {
  const Shape input{6, 5, 2};
  const auto layers = read_architecture<double>("r3.p5.(4,2,2).6.p1", 3);
  const GloroModel<double> model(input, layers, 1);
  REQUIRE(model.layers().size() == 9);
  CHECK(model.output_shape(0) == input);
  CHECK(model.output_shape(2) == input);
  CHECK(model.output_shape(3) == Shape{3, 3, 4});
  CHECK(model.layers()[0].as<ResidualConv2D<double>>());
  CHECK(model.layers()[2].as<ConvexPotential<double>>());
  CHECK(model.layers()[7].as<ConvexPotential<double>>());
  CHECK(model.layers()[2].parameters()[0]->value.cols() == 5 * 5 * 2);
  CHECK(model.layers()[7].parameters()[0]->value.cols() == 6);
}

TEST_CASE("An orthogonal layer can be spelled, and has MinMax after it") {
  CHECK(types("(4,4,2).o16.8", {6, 6, 1}) ==
        "conv2d minmax orthogonal_dense minmax dense minmax dense ");
}

TEST_CASE("An architecture that is not spelled right is refused with the form") {
  for (const char* name : {"", "5C2F", "r", "p", "r0", "p-1", "r3,2", "(32,3).", "r3.", "(32)",
                           "q3", "o", "o-1", "LiResNet", "r3p3"}) {
    CAPTURE(name);
    CHECK_THROWS_WITH(read_architecture<float>(name, 10),
                      ContainsText("architecture \"") && ContainsText("LiResNet-S"));
  }
}
