#include "gloro/attack/lower_bounds.hpp"

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/parallel/workers.hpp"
#include "networks.hpp"

using namespace gloro;
using namespace gloro::attack;

TEST_CASE("lower bounds of a linear network are its margins' norms") {
  Workers workers(2);
  const auto model = networks::random_linear<float>(20, 5, 2);
  const auto x = networks::images<float>(Shape::flat(20), 30, 1);
  const Matrix<double> lower = global_lower_bounds(model, x, {.steps = 2, .halvings = 2}, workers);
  const Matrix<double> upper = Certifier<float>(model).margin_constants();
  const Matrix<double> weight = model.head().weight().cast<double>();
  for (Index j = 0; j < 5; ++j)
    for (Index i = 0; i < 5; ++i) {
      // Quotients at distances of 1 or more of logits of about 10: rounding stays below 1e-13.
      CHECK(lower(j, i) == Approx((weight.row(j) - weight.row(i)).norm()).epsilon(1e-12));
      CHECK(lower(j, i) <= upper(j, i) * (1 + 1e-12));
    }
  const auto labels = networks::top_classes(model, x);
  const auto local = local_lower_bounds(model, x, 0.3, {.rivals = 4}, workers);
  for (std::size_t n = 0; n < local.size(); ++n)
    CHECK(local[n] == Approx(lower.row(labels[n]).maxCoeff()).epsilon(1e-10));
}

TEST_CASE("lower bounds stay below rigorous upper bounds, local ones below global ones") {
  Workers workers(2);
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto model = networks::convolutional<float>(seed);
    const auto x = networks::images<float>({6, 6, 2}, 24, seed);
    const Matrix<double> lower = global_lower_bounds(model, x, {.seed = seed}, workers);
    const Matrix<double> upper = Certifier<float>(model).margin_constants();
    CHECK((lower.array() <= upper.array() * (1 + 1e-9)).all());
    CHECK(lower == lower.transpose());
    CHECK(lower.maxCoeff() > 0.2 * upper.maxCoeff());
    for (const double local : local_lower_bounds(model, x, 0.05, {}, workers)) {
      CHECK(local > 0);
      CHECK(local <= upper.maxCoeff() * (1 + 1e-9));
    }
  }
}

TEST_CASE("a steep place is found from a flat one, and lies out of reach of a small ball") {
  // y_1 - y_0 = x + 3 max(x - 4, 0): slope 1 at first, 4 from x = 4 on.
  GloroModel<double> model(Shape::flat(1), {Dense<double>(2), MinMax<double>(), Dense<double>(2)});
  Matrix<double> fan(2, 1), shift(2, 1), head(2, 2), zero = Matrix<double>::Zero(2, 1);
  fan << 1, 0;
  shift << -4, 0;
  head << 0, 0, 1, 4;  // min(x - 4, 0) + 4 max(x - 4, 0)
  networks::set(model, 0, fan);
  networks::set(model, 1, shift);
  networks::set(model, 2, head);
  networks::set(model, 3, zero);
  Workers workers(1);
  Tensor<double> x(Shape::flat(1), 1);
  x.matrix() << 3;
  CHECK(global_lower_bounds(model, x, {}, workers)(0, 1) == Approx(4).epsilon(1e-9));
  CHECK(local_lower_bounds(model, x, 0.9, {}, workers)[0] == Approx(1).epsilon(1e-9));
  CHECK(local_lower_bounds(model, x, 2.0, {}, workers)[0] == Approx(4).epsilon(1e-9));
}

TEST_CASE("rounding adds nothing to a lower bound, however near the points") {
  const auto model = networks::random_linear<float>(784, 2, 1);
  const auto x = networks::images<float>(Shape::flat(784), 3, 1);
  Workers workers(1);
  const double exact = Certifier<float>(model).margin_constants()(0, 1);
  for (const double epsilon : {1e-3, 1e-6, 1e-9, 1e-12})
    for (const double lower : local_lower_bounds(model, x, epsilon, {}, workers)) {
      CHECK(lower <= exact);
      CHECK((lower > 0.999 * exact || epsilon < 1e-8));
    }
}

TEST_CASE("lower bounds are the same on any number of threads") {
  const auto model = networks::convolutional<float>(5);
  const auto x = networks::images<float>({6, 6, 2}, 40, 2);
  const auto run = [&](int threads) {
    Workers workers(threads);
    return global_lower_bounds(model, x, {.steps = 3, .halvings = 2}, workers);
  };
  CHECK(run(1) == run(3));
}
