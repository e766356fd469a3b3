// Weights of other extents than their layer was placed with are refused wherever a model computes:
// the kernels read plain numbers, and would read another matrix than the bounds, or past its end.
#include "catch.hpp"

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gloro/attack/pgd.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/model/settle.hpp"
#include "gloro/train/trainer.hpp"
#include "layers/own_layer.hpp"
#include "networks.hpp"

using namespace gloro;

namespace {

/// Each layer with parameters or buffers once, with a bias and without.
GloroModel<float> every_kind() {
  return {{6, 6, 2},
          {Normalization<float>({0.5F, 0.4F}, {4, 3}), Conv2D<float>({.filters = 4, .kernel = 3}),
           MinMax<float>(), ResidualConv2D<float>({.kernel = 3}), ConvexPotential<float>(),
           Conv2D<float>({.filters = 4, .kernel = 2, .stride = 2, .bias = false}),
           Scaling<float>(1.5F), Dense<float>({.units = 6, .bias = false}),
           ConvexPotential<float>({.bias = false}), Dense<float>(3)},
          5};
}

/// Values of other extents: transposed, one row or column more or fewer, none.
std::vector<Matrix<float>> strayed(const Matrix<float>& value) {
  const Index rows = value.rows(), cols = value.cols();
  std::vector<Matrix<float>> all;
  for (const auto& [r, c] : std::vector<std::pair<Index, Index>>{{cols, rows},
                                                                 {rows + 1, cols},
                                                                 {rows - 1, cols},
                                                                 {rows, cols + 1},
                                                                 {rows, cols - 1},
                                                                 {rows * cols, 1},
                                                                 {0, 0}})
    if (r != rows || c != cols) all.push_back(Matrix<float>::Constant(r, c, 0.25F));
  return all;
}

/// Calls check(model, name) with each parameter and buffer of other extents in turn.
void for_each_strayed(const std::function<void(GloroModel<float>&, const std::string&)>& check) {
  GloroModel<float> model = every_kind();
  std::vector<Parameter<float>*> all = model.parameters();
  for (auto* buffer : model.state()) all.push_back(buffer);
  REQUIRE(all.size() == 12 + 9);
  for (auto* one : all) {
    const Matrix<float> before = one->value;
    for (const Matrix<float>& other : strayed(before)) {
      one->value = other;
      check(model, one->name);
    }
    one->value = before;
  }
  model.require_extents();
}

}  // namespace

TEST_CASE("a certifier refuses every parameter and buffer of other extents and names it") {
  for_each_strayed([](GloroModel<float>& model, const std::string& name) {
    CAPTURE(name);
    CHECK_THROWS_AS(Certifier<float>(model), ShapeError);
    CHECK_THROWS_WITH(Certifier<float>(model), ContainsText("its " + name + " is "));
    CHECK_THROWS_WITH(Certifier<float>(model), ContainsText("layer "));
  });
}

TEST_CASE("a transposed weight is refused with its layer and both extents") {
  GloroModel<float> model(Shape::flat(3), {Dense<float>(2), Dense<float>(2)});
  model.parameters()[0]->value = Matrix<float>::Ones(3, 2);
  CHECK_THROWS_WITH(Certifier<float>(model),
                    ContainsText("layer 0: its weight is 3 x 2, expected 2 x 3"));
}

TEST_CASE("nothing that computes with a model reads weights of other extents") {
  const auto image = networks::random_batch<float>({6, 6, 2}, 1, Random(1));
  for_each_strayed([&](GloroModel<float>& model, const std::string& name) {
    CAPTURE(name);
    Workers one(1);
    const std::vector<std::size_t> first{0};
    CHECK_THROWS_AS(model.logits(image), ShapeError);
    CHECK_THROWS_AS(model.estimated_labels(image, 0.1F), ShapeError);
    CHECK_THROWS_AS(model.estimated_radius(image), ShapeError);
    CHECK_THROWS_AS(model.refresh_lipschitz(1, one), ShapeError);
    CHECK_THROWS_AS(model.refresh_lipschitz(1, first, one), ShapeError);
    CHECK_THROWS_AS(model.lipschitz_terms(), ShapeError);
    CHECK_THROWS_AS(settle_lipschitz(model), ShapeError);
    CHECK_THROWS_AS(model.cast<double>(), ShapeError);
    CHECK_THROWS_AS(RunningError<float>(model, std::vector<LayerBound>(9)), ShapeError);
    CHECK_THROWS_AS(Trainer<float>(model, {}), ShapeError);
  });
}

TEST_CASE("weights that stray between a pass and its way back are refused there") {
  GloroModel<float> model = every_kind();
  Gradients<float> gradients(model.parameters());
  Tape<float> tape;
  Tensor<float> y =
      model.logits(networks::random_batch<float>({6, 6, 2}, 2, Random(2)), {.tape = &tape});
  model.parameters()[2]->value.resize(1, 1);
  CHECK_THROWS_AS(model.backward(std::move(y), {.tape = tape, .gradients = gradients.views()}),
                  ShapeError);
}

TEST_CASE("copies and moved models remember the extents of the layers they came from") {
  GloroModel<float> model = every_kind();
  model.parameters()[0]->value.transposeInPlace();
  GloroModel<float> copy = model;
  CHECK_THROWS_AS(copy.require_extents(), ShapeError);
  GloroModel<float> moved = std::move(copy);
  CHECK_THROWS_AS(moved.require_extents(), ShapeError);
  moved.parameters()[0]->value.transposeInPlace();
  moved.require_extents();
  GloroModel<float> assigned = every_kind();
  assigned = model;
  CHECK_THROWS_AS(assigned.require_extents(), ShapeError);
  assigned.parameters()[0]->value.transposeInPlace();
  assigned.require_extents();
  CHECK_THROWS_AS(model.require_extents(), ShapeError);
}

TEST_CASE("a certifier keeps the weights it was made of") {
  GloroModel<float> model = networks::random_network(1, 3);
  const auto image = networks::random_batch<float>(model.input_shape(), 1, Random(3));
  const Certifier<float> certifier(model);
  const Certificate before = certifier.certify_image(image);
  for (auto* parameter : model.parameters()) parameter->value.resize(0, 0);
  CHECK(certifier.certify_image(image) == before);
}

TEST_CASE("the parameter of a user's own layer keeps its extents too") {
  GloroModel<float> model(Shape::flat(4), {own::Squash<float>(), Dense<float>(2)});
  model.parameters()[0]->value = Matrix<float>::Ones(2, 1);
  CHECK_THROWS_WITH(model.logits(Tensor<float>(Shape::flat(4), 1)),
                    ContainsText("layer 0: its gain is 2 x 1, expected 1 x 1"));
}

TEST_CASE("weights that are no numbers make a certifier that certifies nothing") {
  const auto image = networks::random_batch<float>({6, 6, 2}, 1, Random(4));
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    for (std::size_t p = 0; p < every_kind().parameters().size(); ++p) {
      GloroModel<float> model = every_kind();
      Parameter<float>& damaged = *model.parameters()[p];
      damaged.value(damaged.value.rows() - 1, damaged.value.cols() - 1) = bad;
      CAPTURE(p, damaged.name, bad);
      const Certifier<float> certifier(model);
      CHECK(certifier.certify_image(image).abstains());
      CHECK(certifier.certify_image(image, {.epsilon = 0}).abstains());
    }
}
