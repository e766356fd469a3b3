#include "gloro/attack/rounding_walk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "gloro/attack/contradiction.hpp"
#include "gloro/attack/detail/distance.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/core/error.hpp"
#include "gloro/layers/dense.hpp"
#include "networks.hpp"

using namespace gloro;
using namespace gloro::attack;

namespace {

/// I x + 1e8, then I z - 1e8, then I: the identity over the reals. In float 1e8 absorbs its
/// addends.
GloroModel<float> absorbing() {
  GloroModel<float> model(Shape::flat(2), {Dense<float>(2), Dense<float>(2), Dense<float>(2)});
  const Matrix<float> identity = Matrix<float>::Identity(2, 2);
  const Matrix<float> large = Matrix<float>::Constant(2, 1, 1e8F);
  networks::set(model, 0, identity);
  networks::set(model, 1, large);
  networks::set(model, 2, identity);
  networks::set<float>(model, 3, -large);
  networks::set(model, 4, identity);
  networks::set<float>(model, 5, Matrix<float>::Zero(2, 1));
  return model;
}

/// What a certifier without rounding analysis says: float logits, the margin over the norm in
/// float.
Certificate naive(const GloroModel<float>& model, const Tensor<float>& x) {
  const Tensor<float> y = model.logits(x);
  Index top = 0;
  const float best = y.matrix().col(0).maxCoeff(&top);
  float radius = std::numeric_limits<float>::infinity();
  for (Index i = 0; i < model.classes(); ++i)
    if (i != top)
      radius = std::min(radius,
                        (best - y.matrix()(i, 0)) /
                            (model.head().weight().row(top) - model.head().weight().row(i)).norm());
  if (!(radius > 0)) return {};
  return {static_cast<int>(top), static_cast<double>(radius)};
}

Tensor<float> point(float a, float b) {
  Tensor<float> x(Shape::flat(2), 1);
  x.matrix() << a, b;
  return x;
}

}  // namespace

TEST_CASE(
    "absorption: the rounding walk refutes a naive certificate, the Certifier claims no such") {
  const auto model = absorbing();
  const auto x = point(4.1F, 0);
  const auto naively = [&](const Tensor<float>& image) { return naive(model, image); };
  const Certificate claim = naively(x);
  REQUIRE(claim == Certificate{0, static_cast<double>(8.0F / std::sqrt(2.0F))});

  const auto found = rounding_walk(model, naively, x, claim);
  CHECK(found.flips > 0);
  REQUIRE(found.contradictions > 0);
  CHECK(distance(x.data(), found.contradiction.data(), 2) < claim.radius);
  CHECK(naively(found.contradiction).label == 1);

  // Here the truth is the identity: 4.1 / sqrt(2).
  const Certifier<float> certifier(model);
  const auto soundly = [&](const Tensor<float>& image) { return certifier.certify_image(image); };
  const double truth = static_cast<double>(4.1F) / std::sqrt(2.0);
  const Certificate sound = soundly(x);
  CHECK(sound.radius <= truth);
  if (!sound.abstains()) CHECK(rounding_walk(model, soundly, x, sound).contradictions == 0);
  // In the naive ball too, its labels are those of the real-number network.
  CHECK(soundly(found.contradiction).label !=
        (found.contradiction.matrix()(0, 0) > found.contradiction.matrix()(1, 0) ? 1 : 0));
}

TEST_CASE("radii rounded in float are refuted by neighbouring floats, the Certifier's are not") {
  Index naive_contradictions = 0, flips = 0;
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    const auto model = networks::random_linear<float>(64, 2, seed);
    const auto x = networks::images<float>(Shape::flat(64), 1, seed);
    const Certifier<float> certifier(model);
    const auto naively = [&](const Tensor<float>& image) { return naive(model, image); };
    const auto soundly = [&](const Tensor<float>& image) { return certifier.certify_image(image); };
    const Certificate claim = naively(x), sound = soundly(x);
    REQUIRE_FALSE(claim.abstains());
    REQUIRE_FALSE(sound.abstains());
    // Found by double, the sound radius is the truth but for some 1e-13, and never above it.
    CHECK(sound.radius == Approx(claim.radius).epsilon(1e-4));
    const auto against_naive = rounding_walk(model, naively, x, claim, {.seed = seed});
    const auto against_sound = rounding_walk(model, soundly, x, sound, {.seed = seed});
    naive_contradictions += against_naive.contradictions;
    flips += against_sound.flips;
    CHECK(against_sound.contradictions == 0);
    CHECK(against_sound.visited > 500);
  }
  CHECK(naive_contradictions > 0);
  // The bare argmax at the edge is noise, as the documentation says: no certificate speaks of it.
  CHECK(flips > 0);
}

TEST_CASE("random convolutional networks: no walk at the edge contradicts the Certifier") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const auto model = networks::convolutional<float>(seed);
    const Certifier<float> certifier(model);
    const auto soundly = [&](const Tensor<float>& image) { return certifier.certify_image(image); };
    const auto x = networks::images<float>({6, 6, 2}, 1, seed);
    const Certificate claim = soundly(x);
    REQUIRE_FALSE(claim.abstains());
    const auto found = rounding_walk(model, soundly, x, claim, {.rounds = 10, .seed = seed});
    CHECK(found.contradictions == 0);
    CHECK(found.flips == 0);  // the bound is far from tight here
    CHECK(found.least_margin > 0);
  }
}

TEST_CASE("answers contradict each other where labels differ and open balls meet") {
  const float x[2] = {0, 0}, y[2] = {3, 4};
  const auto are_apart = [&](Certificate a, Certificate b) { return !contradict(a, x, b, y, 2); };
  CHECK(are_apart({0, 2}, {1, 3}));  // they touch
  CHECK_FALSE(are_apart({0, 2}, {1, 3.0001}));
  CHECK(are_apart({0, 9}, {0, 9}));
  CHECK(are_apart({0, 9}, {}));
  CHECK(are_apart({}, {1, 9}));
  CHECK_FALSE(are_apart({0, HUGE_VAL}, {1, 1}));
}

TEST_CASE("the rounding walk needs a claim with a finite radius") {
  const auto model = absorbing();
  const auto answer = [&](const Tensor<float>& image) { return naive(model, image); };
  CHECK_THROWS_AS(rounding_walk(model, answer, point(4, 0), Certificate{}), ArgumentError);
  CHECK_THROWS_AS(rounding_walk(model, answer, point(4, 0), Certificate{0, HUGE_VAL}),
                  ArgumentError);
}
