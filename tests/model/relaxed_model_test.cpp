// A model with a relaxed guarantee: what it keeps, hands on and reads off its logits.
#include "catch.hpp"

#include <vector>

#include "gloro/layers/scaling.hpp"
#include "gloro/model/gloro_model.hpp"

using namespace gloro;

namespace {

/// Logits (10 x, 9 x + 1/2, -10 x) by a body with k = 2.
template <typename Scalar>
GloroModel<Scalar> three_logits() {
  GloroModel<Scalar> model(Shape::flat(1), {Scaling<Scalar>(2), Dense<Scalar>(3)});
  model.parameters()[1]->value << 5, Scalar(4.5), -5;
  model.parameters()[2]->value << 0, Scalar(0.5), 0;
  return model;
}

template <typename Scalar>
Tensor<Scalar> points_of(const std::vector<Scalar>& values) {
  Tensor<Scalar> x(Shape::flat(1), static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

}  // namespace

TEST_CASE("A model is for top-1 until it is told otherwise, and refuses what does not fit") {
  auto model = three_logits<float>();
  CHECK(model.guarantee() == Guarantee::top_1());
  model.set_guarantee(Guarantee::top_k(2));
  CHECK_THROWS_AS(model.set_guarantee(Guarantee::top_k(3)), ArgumentError);
  CHECK_THROWS_AS(model.set_guarantee(Guarantee::affinity({{0, 3}})), ArgumentError);
  CHECK(model.guarantee() == Guarantee::top_k(2));
  CHECK(model.cast<double>().guarantee() == Guarantee::top_k(2));
  const GloroModel<float> copy = model;
  CHECK(copy.guarantee() == Guarantee::top_k(2));
}

TEMPLATE_TEST_CASE("Bottom, prediction and radius follow the model's guarantee", "", float,
                   double) {
  using Scalar = TestType;
  auto model = three_logits<Scalar>();
  // K_01 = 2 * 0.5 = 1, K_02 = 20, K_12 = 19. At x = 1 the logits are 10, 9.5, -10: the radius of
  // class 0 alone is 0.5 / 1, that of {0, 1} the less of 20 / 20 and 19.5 / 19.
  const auto x = points_of<Scalar>({1});
  const auto near = [](Scalar value) { return Approx(static_cast<double>(value)).epsilon(1e-5); };
  CHECK(static_cast<double>(model.estimated_radius(x)(0)) == near(Scalar(0.5)));
  CHECK(model.estimated_labels(x, Scalar(0.75)) == std::vector<int>{abstain});
  model.set_guarantee(Guarantee::top_k(2));
  CHECK(static_cast<double>(model.estimated_radius(x)(0)) == near(1));
  CHECK(model.estimated_labels(x, Scalar(0.75)) == std::vector<int>{0});
  CHECK(model.estimated_labels(x, Scalar(1.25)) == std::vector<int>{abstain});
  // Bottom at 0.75: 2 over 0 reaches -10 + 0.75 * 20 = 5; over 1 -10 + 0.75 * 19 + 0.5 = 4.75.
  CHECK(static_cast<double>(model.logits_with_bottom(x, Scalar(0.75))(3, 0)) == near(5));
  model.set_guarantee(Guarantee::affinity({{1, 2}}));
  CHECK(static_cast<double>(model.estimated_radius(x)(0)) == near(Scalar(0.5)));
  model.set_guarantee(Guarantee::affinity({{1, 2}, {0, 1}}));
  CHECK(static_cast<double>(model.estimated_radius(x)(0)) == near(1));
  // Classes 0 and 1 tie: neither is proved alone, both are together.
  CHECK(static_cast<double>(model.estimated_radius(points_of<Scalar>({Scalar(0.5)}))(0)) ==
        near(Scalar(0.5)));
  CHECK(model.estimated_labels(points_of<Scalar>({Scalar(0.5)}), Scalar(0.25)) ==
        std::vector<int>{0});
}
