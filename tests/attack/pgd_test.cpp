#include "gloro/attack/pgd.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "gloro/attack/detail/ball.hpp"
#include "gloro/attack/detail/distance.hpp"
#include "gloro/attack/detail/margin.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/core/error.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/layers/pointwise.hpp"
#include "gloro/parallel/workers.hpp"
#include "networks.hpp"

using namespace gloro;
using namespace gloro::attack;

namespace counting {

/// The identity, which counts the values that pass.
template <typename Scalar>
struct Counted {
  static constexpr const char* type = "counted";
  static constexpr double error = 0;
  static constexpr bool is_exact = true;
  inline static std::atomic<Index> values = 0;

  Scalar operator()(Scalar x) const {
    ++values;
    return x;
  }
  [[nodiscard]] Scalar slope(Scalar, Scalar) const { return 1; }
  [[nodiscard]] double exact(double x) const { return x; }
  [[nodiscard]] double lipschitz() const { return 1; }
  [[nodiscard]] RoundingBound size() const { return {1, 0}; }
  [[nodiscard]] Description describe() const { return {type}; }
  [[nodiscard]] static Counted from(DescribedOptions&) { return {}; }
  template <typename Other>
  [[nodiscard]] Counted<Other> cast() const {
    return {};
  }
};

}  // namespace counting

TEMPLATE_TEST_CASE("PGD moves a linear classifier just beyond its true radius, and not below it",
                   "", float, double) {
  // The logits' rounding, some 1e-6 of them in float, shifts the boundary by as much of the radius.
  const double slack = std::is_same_v<TestType, float> ? 1e-4 : 1e-11;
  Workers workers(2);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto model = networks::random_linear<TestType>(30, 5, seed);
    const auto x = networks::images<TestType>(Shape::flat(30), 20, seed);
    const auto labels = networks::top_classes(model, x);
    std::vector<double> beyond, below, truth;
    for (Index n = 0; n < x.batch(); ++n) {
      truth.push_back(networks::true_radius(model, x, n, labels[static_cast<std::size_t>(n)]));
      beyond.push_back(truth.back() + slack);
      below.push_back(std::max(0.0, truth.back() - slack));
    }
    const PgdOptions options{.steps = 20, .rivals = 4};
    const auto moved = pgd(model, x, labels, std::span<const double>(beyond), options, workers);
    CHECK(moved.successes() == x.batch());
    for (std::size_t n = 0; n < truth.size(); ++n) {
      CHECK(moved.attempts[n].distance >= truth[n] - slack);
      CHECK(moved.attempts[n].distance <= beyond[n]);  // rounded; inside exactly
      CHECK(moved.attempts[n].margin <= 0);
    }
    const PgdOptions eager{.steps = 20, .restarts = 2, .rivals = 4};
    CHECK(pgd(model, x, labels, std::span<const double>(below), eager, workers).successes() == 0);
  }
}

TEST_CASE("what PGD reports is so: the point is in the ball and loses its label") {
  Workers workers(2);
  const auto model = networks::convolutional<float>(4);
  const auto x = networks::images<float>({6, 6, 2}, 60, 1);
  const auto labels = networks::top_classes(model, x);
  const auto found =
      pgd(model, x, labels, 0.4, {.steps = 20, .restarts = 2, .box = Box{}}, workers);
  REQUIRE(found.successes() > 0);
  const auto y = model.logits(found.points);
  for (Index n = 0; n < x.batch(); ++n) {
    const Attempt& attempt = found.attempts[static_cast<std::size_t>(n)];
    const Ball<float> ball(x.sample(n), 72, 0.4, Box{});
    CHECK(ball.contains(found.points.sample(n)));
    CHECK(attempt.distance == distance(x.sample(n), found.points.sample(n), 72));
    const int label = labels[static_cast<std::size_t>(n)];
    CHECK(attempt.margin == margin_of(y.sample(n), 4, {label}).value);
    CHECK(attempt.success == (attempt.margin <= 0));
  }
}

TEST_CASE("PGD finds the same points on any number of threads, and others from another seed") {
  const auto model = networks::convolutional<float>(5);
  const auto x = networks::images<float>({6, 6, 2}, 50, 2);
  const auto labels = networks::top_classes(model, x);
  const auto run = [&](int threads, std::uint64_t seed) {
    Workers workers(threads);
    const PgdOptions options{.steps = 8, .restarts = 3, .seed = seed};
    return pgd(model, x, labels, 0.15, options, workers).points;
  };
  const auto one = run(1, 0), three = run(3, 0), other = run(1, 1);
  CHECK(one.matrix() == three.matrix());
  CHECK_FALSE(one.matrix() == other.matrix());
}

TEST_CASE("more restarts and rivals never lose a success") {
  Workers workers(2);
  const auto model = networks::convolutional<float>(6);
  const auto x = networks::images<float>({6, 6, 2}, 80, 3);
  const auto labels = networks::top_classes(model, x);
  const auto plain = pgd(model, x, labels, 0.2, {.steps = 10}, workers);
  const auto strong =
      pgd(model, x, labels, 0.2, {.steps = 10, .restarts = 3, .rivals = 3}, workers);
  for (std::size_t n = 0; n < labels.size(); ++n)
    CHECK(strong.attempts[n].success >= plain.attempts[n].success);
}

TEST_CASE("a sample that is misclassified needs no attack, at radius zero too") {
  Workers workers(1);
  const auto model = networks::random_linear<float>(10, 3, 1);
  const auto x = networks::images<float>(Shape::flat(10), 30, 4);
  auto labels = networks::top_classes(model, x);
  labels[7] = (labels[7] + 1) % 3;
  const auto found = pgd(model, x, labels, 0.0, {}, workers);
  CHECK(found.successes() == 1);
  CHECK(found.attempts[7].success);
  CHECK(found.attempts[7].distance == 0);
}

TEST_CASE("a sample of radius zero is looked at once, and changes nothing for the others") {
  Workers workers(2);
  GloroModel<float> model(Shape::flat(6), {Pointwise<float, counting::Counted>(), Dense<float>(3)},
                          2);
  const auto x = networks::images<float>(Shape::flat(6), 40, 5);
  const auto labels = networks::top_classes(model, x);
  const PgdOptions options{.steps = 10, .restarts = 2, .rivals = 1};
  const auto values = [&](const std::vector<double>& radii) {
    counting::Counted<float>::values = 0;
    (void)pgd(model, x, labels, std::span<const double>(radii), options, workers);
    return counting::Counted<float>::values.load();
  };
  CHECK(values(std::vector<double>(40, 0.0)) == x.size());
  CHECK(values(std::vector<double>(40, 1e-9)) > 20 * x.size());

  std::vector<double> some(40, 0.3);
  for (std::size_t n = 0; n < 40; n += 3) some[n] = 0;
  const auto all = pgd(model, x, labels, 0.3, options, workers);
  const auto few = pgd(model, x, labels, std::span<const double>(some), options, workers);
  CHECK(all.successes() > 0);
  for (std::size_t n = 0; n < 40; ++n) {
    const auto at = static_cast<Index>(n);
    const auto& points = n % 3 == 0 ? x : all.points;
    CHECK(std::equal(few.points.sample(at), few.points.sample(at) + 6, points.sample(at)));
    CHECK(few.attempts[n].success == (n % 3 != 0 && all.attempts[n].success));
  }
}

TEST_CASE("a tie with the label is an attack's success, and so is a logit that is no number") {
  Workers workers(1);
  const auto x = networks::images<double>(Shape::flat(4), 1, 1);
  const std::vector<int> labels{1};
  for (const double weight : {0.0, std::nan("")}) {
    const auto model = networks::linear<double>(Matrix<double>::Constant(3, 4, weight),
                                                Matrix<double>::Zero(3, 1));
    const auto found = pgd(model, x, labels, 0.0, {}, workers);
    CHECK(found.attempts[0].success);
  }
  Matrix<double> biases = Matrix<double>::Zero(3, 1);
  biases(1) = 1e-300;
  const auto apart = networks::linear<double>(Matrix<double>::Zero(3, 4), biases);
  CHECK(pgd(apart, x, labels, 0.0, {}, workers).successes() == 0);
}

TEST_CASE("PGD accuracy is never below verified accuracy, and no certified ball holds a success") {
  Workers workers(2);
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto model = networks::convolutional<float>(seed);
    const Certifier<float> certifier(model);
    const auto x = networks::images<float>({6, 6, 2}, 60, seed);
    const auto labels = networks::top_classes(model, x);
    const PgdOptions options{.steps = 20, .restarts = 2, .rivals = 3, .seed = seed};
    for (const double epsilon : {0.01, 0.05, 0.2}) {
      const auto certified = certifier.certify(x, {.epsilon = epsilon, .workers = &workers});
      const auto attacked = pgd(model, x, labels, epsilon, options, workers);
      for (std::size_t n = 0; n < labels.size(); ++n)
        CHECK_FALSE((!certified.answers[n].abstains() && attacked.attempts[n].success));
    }
    const auto best = certifier.certify(x, {.workers = &workers});
    std::vector<double> radii;
    for (const Certificate& answer : best.answers) radii.push_back(answer.radius);
    CHECK(*std::max_element(radii.begin(), radii.end()) > 0);
    CHECK(pgd(model, x, labels, std::span<const double>(radii), options, workers).successes() == 0);
  }
}

TEST_CASE("PGD refuses what does not fit") {
  Workers workers(1);
  const auto model = networks::random_linear<float>(10, 3, 1);
  const auto x = networks::images<float>(Shape::flat(10), 2, 1);
  const std::vector<int> labels{0, 1};
  CHECK_THROWS_AS(
      pgd(model, networks::images<float>(Shape::flat(9), 2, 1), labels, 0.1, {}, workers),
      ShapeError);
  CHECK_THROWS_AS(pgd(model, x, std::vector<int>{0}, 0.1, {}, workers), ArgumentError);
  CHECK_THROWS_AS(pgd(model, x, std::vector<int>{0, 3}, 0.1, {}, workers), ArgumentError);
  CHECK_THROWS_AS(pgd(model, x, labels, -0.1, {}, workers), ArgumentError);
  CHECK_THROWS_AS(pgd(model, x, labels, 0.1, {.restarts = 0}, workers), ArgumentError);
  for (const double step : {0.0, -1.0, std::nan("")})
    CHECK_THROWS_AS(pgd(model, x, labels, 0.1, {.step = step}, workers), ArgumentError);
  const std::vector<double> one_radius{0.1};
  CHECK_THROWS_AS(pgd(model, x, labels, std::span<const double>(one_radius), {}, workers),
                  ArgumentError);
}
