// GloroModel: the function, its constants, what is read off them; copies and casts.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/settle.hpp"

using namespace gloro;

namespace {

/// Input of two numbers, doubled by the body: k = 2; the head's rows and biases as given.
template <typename Scalar>
GloroModel<Scalar> doubled(const Matrix<Scalar>& weight, const Vector<Scalar>& bias) {
  GloroModel<Scalar> model(Shape::flat(2), {Scaling<Scalar>(2), Dense<Scalar>(weight.rows())});
  model.parameters()[1]->value = weight;
  model.parameters()[2]->value = bias;
  Workers workers(1);
  model.refresh_lipschitz(200, workers);
  return model;
}

template <typename Scalar>
GloroModel<Scalar> three_classes() {
  Matrix<Scalar> weight(3, 2);
  weight << 3, 0, 0, 4, 0, 0;
  return doubled<Scalar>(weight, Vector<Scalar>(Vector<Scalar>::Unit(3, 2)));
}

template <typename Scalar>
Tensor<Scalar> points(const std::vector<Scalar>& values) {
  Tensor<Scalar> x(Shape::flat(2), static_cast<Index>(values.size()) / 2);
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

template <typename Scalar>
GloroModel<Scalar> small_network(std::uint64_t seed = 7) {
  return GloroModel<Scalar>({6, 6, 2},
                            {Conv2D<Scalar>({.filters = 4, .kernel = 3, .stride = 2}),
                             MinMax<Scalar>(), Dense<Scalar>(6), ReLU<Scalar>(), Dense<Scalar>(3)},
                            seed);
}

template <typename Scalar>
Tensor<Scalar> images(Index batch) {
  Random random(5);
  Tensor<Scalar> x({6, 6, 2}, batch);
  for (Index i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<Scalar>(static_cast<float>(random.normal()));
  return x;
}

}  // namespace

TEMPLATE_TEST_CASE("Margins are the body's constant times the distance of two rows of the head", "",
                   float, double) {
  const auto model = three_classes<TestType>();
  const auto terms = model.lipschitz_terms();
  CHECK(terms.body == 2);
  CHECK(terms.network == Approx(8));  // 2 times the norm of diag(3, 4)
  REQUIRE(terms.margin_constants.rows() == 3);
  CHECK(terms.margin_constants(0, 1) == Approx(10));  // 2 |(3, -4)|
  CHECK(terms.margin_constants(0, 2) == Approx(6));
  CHECK(terms.margin_constants(1, 2) == Approx(8));
  CHECK(terms.margin_constants == terms.margin_constants.transpose());
  CHECK(terms.margin_constants.diagonal().isZero(0));
  CHECK(model.layer_lipschitz().size() == 2);
}

TEMPLATE_TEST_CASE("Logits, bottom, prediction and radius fit cases worked by hand", "", float,
                   double) {
  using Scalar = TestType;
  const auto model = three_classes<Scalar>();
  // x = (1, 0): y = (6, 0, 1); with epsilon 0.5 the rivals reach 0 + 5 and 1 + 3.
  // x = (0.5, 0.5): y = (3, 4, 1); the rivals of class 1 reach 3 + 5 and 1 + 4: bottom.
  // x = (0, 0): y = (0, 0, 1); the rivals of class 2 reach 3 and 4: bottom.
  // x = (2, 1.5): y = (12, 12, 1): a tie.
  const auto x = points<Scalar>({1, 0, 0.5, 0.5, 0, 0, 2, 1.5});
  const Matrix<Scalar> y = model.logits_with_bottom(x, Scalar(0.5));
  REQUIRE(y.rows() == 4);
  REQUIRE(y.cols() == 4);
  const double expected[4][4] = {{6, 0, 1, 5}, {3, 4, 1, 8}, {0, 0, 1, 4}, {12, 12, 1, 17}};
  for (Index n = 0; n < 4; ++n)
    for (Index i = 0; i < 4; ++i)
      CHECK(static_cast<double>(y(i, n)) == Approx(expected[n][i]).margin(1e-6));
  CHECK(model.estimated_labels(x, Scalar(0.5)) == std::vector<int>{0, abstain, abstain, abstain});
  CHECK(model.estimated_labels(x, Scalar(0)) == std::vector<int>{0, 1, 2, abstain});

  const auto radii = model.estimated_radius(x);
  CHECK(static_cast<double>(radii(0)) == Approx(0.6));    // min(6 / 10, 5 / 6)
  CHECK(static_cast<double>(radii(1)) == Approx(0.1));    // min(1 / 10, 3 / 8)
  CHECK(static_cast<double>(radii(2)) == Approx(0.125));  // min(1 / 6, 1 / 8)
  CHECK(radii(3) == 0);                                   // a tie
}

TEMPLATE_TEST_CASE("A sample is certified at every epsilon below its radius and at none above", "",
                   float, double) {
  const auto model = three_classes<TestType>();
  const auto x = points<TestType>({1, 0});
  const TestType radius = model.estimated_radius(x)(0);
  CHECK(model.estimated_labels(x, radius * TestType(0.999))[0] == 0);
  CHECK(model.estimated_labels(x, radius * TestType(1.001))[0] == abstain);
}

TEMPLATE_TEST_CASE("Two logits that tie abstain with radius zero, also where K is zero", "", float,
                   double) {
  using Scalar = TestType;
  const auto model = doubled<Scalar>(Matrix<Scalar>(Matrix<Scalar>::Ones(2, 2)),
                                     Vector<Scalar>(Vector<Scalar>::Zero(2)));
  CHECK(model.lipschitz_terms().margin_constants.isZero(0));
  const auto x = points<Scalar>({1, 3});
  CHECK(model.estimated_labels(x, 0)[0] == abstain);
  CHECK(model.estimated_labels(x, Scalar(0.3))[0] == abstain);
  CHECK(model.estimated_radius(x)(0) == 0);
}

TEST_CASE("A class that always wins has an infinite radius, and so has the only one") {
  const auto two = doubled<double>(Matrix<double>(Matrix<double>::Ones(2, 2)),
                                   Vector<double>(Vector<double>::Unit(2, 1)));
  const auto x = points<double>({1, 3});
  CHECK(two.estimated_radius(x)(0) == std::numeric_limits<double>::infinity());
  CHECK(two.estimated_labels(x, 1e9)[0] == 1);
  const auto one = doubled<double>(Matrix<double>(Matrix<double>::Ones(1, 2)),
                                   Vector<double>(Vector<double>::Zero(1)));
  CHECK(one.estimated_radius(x)(0) == std::numeric_limits<double>::infinity());
  CHECK(one.estimated_labels(x, 1e9)[0] == 0);
}

TEST_CASE("An input that is no number has radius zero and no label") {
  const auto model = three_classes<double>();
  const auto x = points<double>({std::numeric_limits<double>::quiet_NaN(), 1, 1e308, 1e308});
  const auto radii = model.estimated_radius(x);
  for (Index n = 0; n < 2; ++n) {
    CHECK(radii(n) == 0);
    CHECK(model.estimated_labels(x, 0.1)[static_cast<std::size_t>(n)] == abstain);
  }
}

TEST_CASE("The product of the layers' constants does not underflow on its way") {
  GloroModel<float> model(Shape::flat(2), {Scaling<float>(1e-25F), Scaling<float>(1e-25F),
                                           Scaling<float>(1e38F), Dense<float>(2)});
  CHECK(model.lipschitz_terms().body == Approx(1e-12));
}

TEST_CASE("Settling brings the estimates to the norms") {
  auto model = small_network<double>();
  CHECK(settle_lipschitz(model, {.tolerance = 1e-9}));
  const auto estimates = model.layer_lipschitz();
  for (std::size_t l = 0; l < estimates.size(); ++l) {
    const double bound = model.layers()[l].lipschitz_upper_bound();
    CHECK(estimates[l] <= bound);
    CHECK(estimates[l] >= bound * (1 - 1e-3));
  }
  const auto before = model.layer_lipschitz();
  CHECK(settle_lipschitz(model, {.tolerance = 1e-9}));
  for (std::size_t l = 0; l < before.size(); ++l)
    CHECK(model.layer_lipschitz()[l] == Approx(before[l]).epsilon(1e-7));

  auto single = small_network<float>();
  CHECK(settle_lipschitz(single));
  for (std::size_t l = 0; l < before.size(); ++l)
    CHECK(static_cast<double>(single.layer_lipschitz()[l]) == Approx(before[l]).epsilon(1e-3));
}

TEST_CASE("Power iteration that does not settle says so") {
  auto model = small_network<double>();
  model.parameters()[0]->value(0) = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(settle_lipschitz(model, {.most_steps = 50}));
}

TEST_CASE("Copying a model copies it whole") {
  const auto original = small_network<double>();
  const auto x = images<double>(3);
  const Matrix<double> before = original.logits_with_bottom(x, 0.1);
  auto copy = original;
  CHECK(copy.logits_with_bottom(x, 0.1) == before);
  for (auto* parameter : copy.parameters()) parameter->value.setConstant(0.5);
  for (auto* buffer : copy.state()) buffer->value.setConstant(0.25);
  CHECK(original.logits_with_bottom(x, 0.1) == before);
  CHECK_FALSE(copy.logits_with_bottom(x, 0.1) == before);
}

TEST_CASE("The model in double is the same function, with the same constants") {
  const auto single = small_network<float>();
  const GloroModel<double> twin = single.cast<double>();
  const Matrix<double> y = twin.logits_with_bottom(images<double>(4), 0.3);
  const Matrix<float> narrow = single.logits_with_bottom(images<float>(4), 0.3F);
  // Sums of at most 72 products, five layers.
  CHECK((narrow.cast<double>() - y).cwiseAbs().maxCoeff() <= 5 * 80 * 6e-8 * (1 + y.norm()));
  CHECK(twin.input_shape() == single.input_shape());
  CHECK(twin.classes() == 3);
  REQUIRE(twin.parameters().size() == single.parameters().size());
  for (std::size_t p = 0; p < twin.parameters().size(); ++p)
    CHECK(twin.parameters()[p]->value == single.parameters()[p]->value.cast<double>());
}

TEST_CASE("A seed determines the weights") {
  CHECK(small_network<float>(1).parameters()[0]->value ==
        small_network<float>(1).parameters()[0]->value);
  CHECK(small_network<float>(1).parameters()[0]->value !=
        small_network<float>(2).parameters()[0]->value);
}

TEST_CASE("A model that cannot be built is refused, and the layer named") {
  CHECK_THROWS_AS(GloroModel<float>(Shape::flat(2), {}), ArgumentError);
  CHECK_THROWS_WITH(GloroModel<float>(Shape::flat(2), {Dense<float>(4), MinMax<float>()}),
                    ContainsText("Dense"));
  CHECK_THROWS_AS(GloroModel<float>({0, 0, 1}, {Dense<float>(4)}), ShapeError);
  CHECK_THROWS_WITH(
      GloroModel<float>(Shape::flat(2), {Dense<float>(3), MinMax<float>(), Dense<float>(2)}),
      ContainsText("layer 1") && ContainsText("1x1x3"));
}

TEST_CASE("An input of another shape is refused, and both are named") {
  const auto model = small_network<float>();
  CHECK_THROWS_AS(model.logits(Tensor<float>({6, 2, 6}, 1)), ShapeError);
  CHECK_THROWS_WITH(model.logits(Tensor<float>({7, 6, 2}, 1)),
                    ContainsText("6x6x2") && ContainsText("7x6x2"));
}

TEST_CASE("A model takes an empty batch") {
  const auto model = small_network<float>();
  CHECK(model.estimated_labels(Tensor<float>({6, 6, 2}, 0), 0.1F).empty());
  CHECK(model.estimated_radius(Tensor<float>({6, 6, 2}, 0)).size() == 0);
}

TEMPLATE_TEST_CASE("Estimates have the same bits when threads share out layers or what is in them",
                   "", float, double) {
  using Scalar = TestType;
  // One layer is dearer than the rest, so that several threads go into it; odd extents leave tails.
  const auto estimates = [](int threads) {
    GloroModel<Scalar> model(
        {12, 11, 24},
        {Conv2D<Scalar>({.filters = 50, .kernel = 3, .initializer = Initializer::glorot}),
         MinMax<Scalar>(),
         Conv2D<Scalar>(
             {.filters = 18, .kernel = 3, .stride = 2, .initializer = Initializer::glorot}),
         Dense<Scalar>({.units = 701, .initializer = Initializer::glorot}), Dense<Scalar>(3)},
        1);
    Workers workers(threads);
    model.refresh_lipschitz(3, workers);
    std::vector<Scalar> all = model.layer_lipschitz(workers);
    for (const auto* vector : model.state())
      all.insert(all.end(), vector->value.data(), vector->value.data() + vector->value.size());
    return all;
  };
  const auto one = estimates(1);
  for (const int threads : {2, 3, 7}) CHECK((estimates(threads) == one));
}
