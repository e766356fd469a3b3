#include "gloro/attack/boundary.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "gloro/attack/detail/distance.hpp"
#include "gloro/attack/detail/margin.hpp"
#include "gloro/attack/pgd.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/parallel/workers.hpp"
#include "networks.hpp"

using namespace gloro;
using namespace gloro::attack;

TEMPLATE_TEST_CASE("the boundary attack finds a linear classifier's true radius", "", float,
                   double) {
  // As in PGD's test: rounding of the logits shifts the boundary.
  const double slack = std::is_same_v<TestType, float> ? 1e-4 : 1e-11;
  Workers workers(2);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto model = networks::random_linear<TestType>(30, 5, seed);
    const auto x = networks::images<TestType>(Shape::flat(30), 20, seed);
    const auto labels = networks::top_classes(model, x);
    const auto found = boundary(model, x, labels, {.rivals = 4}, workers);
    CHECK(found.successes() == x.batch());
    for (Index n = 0; n < x.batch(); ++n) {
      const auto at = static_cast<std::size_t>(n);
      const double truth = networks::true_radius(model, x, n, labels[at]);
      CHECK(found.attempts[at].distance >= truth - slack);
      CHECK(found.attempts[at].distance <= truth * (1 + slack) + slack);
    }
  }
}

namespace {

/// max(z) against c, z a rotation of the input by 0.5: a kinked boundary with a known distance.
GloroModel<double> largest_against(double c) {
  GloroModel<double> model(Shape::flat(2), {Dense<double>(2), MinMax<double>(), Dense<double>(2)});
  Matrix<double> rotation(2, 2), head(2, 2), bias(2, 1);
  rotation << std::cos(0.5), -std::sin(0.5), std::sin(0.5), std::cos(0.5);
  head << 0, 1, 0, 0;
  bias << 0, c;
  networks::set(model, 0, rotation);
  networks::set(model, 2, head);
  networks::set(model, 3, bias);
  return model;
}

Tensor<double> before_rotation(double a, double b) {
  Tensor<double> x(Shape::flat(2), 1);
  x.matrix() << std::cos(0.5) * a + std::sin(0.5) * b, -std::sin(0.5) * a + std::cos(0.5) * b;
  return x;
}

}  // namespace

TEST_CASE("the boundary attack finds the true radius of a network with MinMax") {
  Workers workers(1);
  const auto model = largest_against(1);
  const std::vector<int> label{0};
  const auto flat = boundary(model, before_rotation(3, -1), label, {}, workers);
  CHECK(flat.attempts[0].distance == Approx(2).epsilon(1e-9));
  // Both coordinates must come down to 1: the nearest point is the corner.
  const auto corner = boundary(model, before_rotation(3, 2), label, {.steps = 60}, workers);
  CHECK(corner.attempts[0].distance >= std::sqrt(5.0) * (1 - 1e-12));
  CHECK(corner.attempts[0].distance <= std::sqrt(5.0) * 1.02);
}

TEST_CASE("the nearest point found is adversarial, outside the certified ball and inside PGD's") {
  Workers workers(2);
  double certified_share = 0, pgd_share = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto model = networks::convolutional<float>(seed);
    const Certifier<float> certifier(model);
    const auto x = networks::images<float>({6, 6, 2}, 40, seed);
    const auto labels = networks::top_classes(model, x);
    const auto found = boundary(model, x, labels, {.rivals = 3, .restarts = 2}, workers);
    REQUIRE(found.successes() == x.batch());
    const auto certified = certifier.certify(x, {.workers = &workers});
    const auto y = model.logits(found.points);
    std::vector<double> radii;
    for (Index n = 0; n < x.batch(); ++n) {
      const auto at = static_cast<std::size_t>(n);
      const Attempt& attempt = found.attempts[at];
      CHECK(attempt.distance == distance(x.sample(n), found.points.sample(n), 72));
      CHECK(margin_of(y.sample(n), 4, {labels[at]}).value == attempt.margin);
      CHECK(attempt.margin <= 0);
      CHECK(attempt.distance >= certified.answers[at].radius);
      certified_share += certified.answers[at].radius / attempt.distance / 200;
      radii.push_back(0.98 * attempt.distance);
    }
    pgd_share += static_cast<double>(pgd(model, x, labels, std::span<const double>(radii),
                                         {.steps = 50, .restarts = 3, .rivals = 3}, workers)
                                         .successes()) /
                 200;
  }
  CHECK(certified_share > 0.1);  // the bracket is of use
  CHECK(pgd_share < 0.05);       // what PGD finds nearer is rare
}

TEST_CASE("the boundary attack stays in the box") {
  Workers workers(1);
  const auto model = networks::convolutional<float>(3);
  const auto x = networks::images<float>({6, 6, 2}, 30, 5);
  const auto found = boundary(model, x, networks::top_classes(model, x), {.box = Box{}}, workers);
  REQUIRE(found.successes() > 0);
  for (Index i = 0; i < found.points.size(); ++i)
    CHECK((found.points.data()[i] >= 0 && found.points.data()[i] <= 1));
}

TEST_CASE("the boundary attack finds the same points on any number of threads") {
  const auto model = networks::convolutional<float>(5);
  const auto x = networks::images<float>({6, 6, 2}, 40, 2);
  const auto labels = networks::top_classes(model, x);
  const auto run = [&](int threads) {
    Workers workers(threads);
    return boundary(model, x, labels, {.restarts = 1}, workers).points;
  };
  CHECK(run(1).matrix() == run(3).matrix());
}

TEST_CASE("a boundary that is not there is not found") {
  Workers workers(1);
  Matrix<float> weight = Matrix<float>::Zero(2, 3), bias(2, 1);
  bias << 1, 0;
  const auto x = networks::images<float>(Shape::flat(3), 2, 1);
  const auto found =
      boundary(networks::linear(weight, bias), x, std::vector<int>{0, 1}, {}, workers);
  CHECK_FALSE(found.attempts[0].success);
  CHECK(found.attempts[0].distance == HUGE_VAL);
  CHECK(found.attempts[1].success);  // misclassified already
  CHECK(found.attempts[1].distance == 0);
}
