// Networks whose true radius is known: a certificate never exceeds it, and comes near it. And a
// search for two labelled answers that contradict each other.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "gloro/certify/certified_metrics.hpp"
#include "gloro/train/trainer.hpp"
#include "networks.hpp"

using namespace gloro;

namespace {

/// Integers below 2^12 in size as float fractions: their products and sums are exact in 64 bits.
std::int64_t small_integer(Random& random) {
  return static_cast<std::int64_t>(random.below(8191)) - 4095;
}
float fraction(std::int64_t integer) { return static_cast<float>(integer) / 4096.0F; }

/// Is radius <= margin / sqrt(squares), exactly? With integers below 2^53: radius^2 squares is
/// found as a sum of doubles by fused multiply-add, whose own error is beyond the 100th bit.
bool at_most(double radius, std::int64_t margin, std::int64_t squares) {
  const double m = static_cast<double>(margin), s = static_cast<double>(squares);
  const double square = radius * radius, square_low = std::fma(radius, radius, -square);
  const double left = square * s, left_low = std::fma(square, s, -left) + square_low * s;
  const double right = m * m, right_low = std::fma(m, m, -right);
  return (left - right) + (left_low - right_low) <= 0;
}

/// Labelled answers at two points with different labels must lie at least both radii apart.
void check_consistent(const Tensor<float>& points, const std::vector<Certificate>& answers) {
  for (Index a = 0; a < points.batch(); ++a)
    for (Index b = 0; b < a; ++b) {
      const Certificate& one = answers[static_cast<std::size_t>(a)];
      const Certificate& other = answers[static_cast<std::size_t>(b)];
      if (one.abstains() || other.abstains() || one.label == other.label) continue;
      const double apart =
          (points.matrix().col(a).cast<double>() - points.matrix().col(b).cast<double>()).norm();
      CHECK(apart * (1 + 1e-12) >= std::max(one.radius, other.radius));
    }
}

}  // namespace

TEST_CASE("the radius of a linear classifier is never above the exact one, where float's own is") {
  constexpr Index dimension = 64;
  Random random(1);
  int float_too_large = 0, labelled = 0;
  for (int round = 0; round < 200; ++round) {
    Matrix<float> weight = Matrix<float>::Zero(2, dimension);
    Matrix<float> bias = Matrix<float>::Zero(2, 1);
    Tensor<float> x(Shape::flat(dimension), 1);
    std::int64_t squares = 0, margin = 0;
    for (Index i = 0; i < dimension; ++i) {
      const std::int64_t w = small_integer(random), v = small_integer(random);
      weight(0, i) = fraction(w);
      x.data()[i] = fraction(v);
      squares += w * w;
      margin += w * v;
    }
    const std::int64_t b = small_integer(random);
    bias(0, 0) = fraction(b);
    margin = std::abs(margin + b * 4096);  // in units of 2^-24; the distance in units of 2^-12

    const float naive =
        std::abs(weight.row(0).dot(x.matrix().col(0)) + bias(0, 0)) / weight.row(0).norm();
    float_too_large += !at_most(static_cast<double>(naive) * 4096, margin, squares);

    const Certifier<float> certifier(networks::linear<float>(weight, bias));
    const Certificate best = certifier.certify_image(x);
    if (best.abstains()) continue;
    ++labelled;
    CHECK(at_most(best.radius * 4096, margin, squares));
    CHECK(best.radius * 4096 >=
          0.9999999 * static_cast<double>(margin) / std::sqrt(static_cast<double>(squares)));
    for (const double share : {0.0, 0.5, 0.999, 0.9999999}) {
      const Certificate at = certifier.certify_image(x, {.epsilon = share * best.radius});
      CHECK(at.label == best.label);
      CHECK(at.radius > share * best.radius);
      CHECK(at_most(at.radius * 4096, margin, squares));
    }
    CHECK(certifier.certify_image(x, {.epsilon = best.radius * 1.0000001}).abstains());
  }
  CHECK(labelled > 195);
  CHECK(float_too_large > 50);
}

TEST_CASE("orthogonal layers, MinMax and a linear head: the true radius within a hundredth") {
  // H / 2 is exactly orthogonal in floating point, for H the 4 x 4 Hadamard matrix.
  Matrix<float> hadamard(4, 4);
  hadamard << 1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1;
  hadamard *= 0.5F;
  const Matrix<float> none = Matrix<float>::Zero(4, 1);
  Random random(2);
  int checked = 0;
  for (int round = 0; round < 200; ++round) {
    GloroModel<float> model(
        {2, 2, 1}, {InvertibleDownsampling<float>(2), Conv2D<float>({.filters = 4, .kernel = 1}),
                    MinMax<float>(), Dense<float>(4), MinMax<float>(), Dense<float>(3)});
    Matrix<float> head(3, 4);
    for (float& w : head.reshaped()) w = static_cast<float>(random.normal());
    networks::set_parameters<float>(
        model, {hadamard, none, hadamard, none, head, Matrix<float>::Zero(3, 1)});
    const auto x = networks::random_batch<float>(
        model.input_shape(), 1, random.split(static_cast<std::uint64_t>(round)), 5);
    // By hand, in double. The network is linear and keeps distances as far as no pair swaps.
    Vector<double> h = x.matrix().col(0).cast<double>();
    double linear_within = infinity;
    for (int layer = 0; layer < 2; ++layer) {
      h = hadamard.cast<double>() * h;
      for (Index pair = 0; pair < 4; pair += 2) {
        linear_within = std::min(linear_within, std::abs(h(pair) - h(pair + 1)) / std::sqrt(2.0));
        if (h(pair) > h(pair + 1)) std::swap(h(pair), h(pair + 1));
      }
    }
    const Vector<double> logits = head.cast<double>() * h;
    Index top = 0;
    logits.maxCoeff(&top);
    double truth = infinity;
    for (Index i = 0; i < 3; ++i)
      if (i != top)
        truth = std::min(
            truth, (logits(top) - logits(i)) / (head.row(top) - head.row(i)).cast<double>().norm());
    if (truth >= linear_within || truth < 0.01) continue;
    ++checked;
    const Certifier<float> certifier(model);
    const Certificate best = certifier.certify_image(x);
    CHECK(best.label == top);
    CHECK(best.radius <= truth * (1 + 1e-14));  // the truth itself is computed in double
    CHECK(best.radius >= 0.99 * truth);
    const Certificate at = certifier.certify_image(x, {.epsilon = 0.9 * truth});
    CHECK(at.label == top);
    CHECK(at.radius <= truth * (1 + 1e-14));
    CHECK(certifier.certify_image(x, {.epsilon = truth}).abstains());
  }
  CHECK(checked > 20);
}

TEST_CASE("no two labelled answers contradict each other, also beside the boundary") {
  Workers workers(1);
  int boundaries = 0;
  for (int family = 0; family < networks::families; ++family)
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto model = networks::random_network(family, 100 + seed);
      const Certifier<float> certifier(model);
      const Shape shape = model.input_shape();
      const auto ends = networks::random_batch<float>(shape, 24, Random(seed, 9));
      for (Index e = 0; e + 1 < ends.batch(); e += 2) {
        const auto top = [&](double t) {
          Tensor<float> x(shape, 1);
          x.matrix() = ((1 - t) * ends.matrix().col(e).cast<double>() +
                        t * ends.matrix().col(e + 1).cast<double>())
                           .cast<float>();
          return certifier.certify(x, {.epsilon = infinity, .workers = &workers}).top[0];
        };
        double low = 0, high = 1;
        const int first = top(low);
        if (first == top(high)) continue;
        ++boundaries;
        for (int step = 0; step < 40; ++step) {
          const double middle = (low + high) / 2;
          (top(middle) == first ? low : high) = middle;
        }
        // Points on both sides, from far away to neighbouring floats.
        Tensor<float> points(shape, 64);
        for (Index n = 0; n < points.batch(); ++n) {
          const double away = std::pow(10.0, -static_cast<double>(n / 2) / 3.5);
          const double t = n % 2 == 0 ? low - away * low : high + away * (1 - high);
          points.matrix().col(n) = ((1 - t) * ends.matrix().col(e).cast<double>() +
                                    t * ends.matrix().col(e + 1).cast<double>())
                                       .cast<float>();
        }
        std::vector<Certificate> all = certifier.certify(points, {.workers = &workers}).answers;
        check_consistent(points, all);
        for (const double epsilon : {0.0, 1e-7, 1e-5, 1e-3}) {
          const auto at =
              certifier.certify(points, {.epsilon = epsilon, .workers = &workers}).answers;
          check_consistent(points, at);
          for (std::size_t n = 0; n < at.size(); ++n) {
            if (at[n].abstains()) continue;
            CHECK(at[n].label == all[n].label);  // what float proves, double proves too
            CHECK(at[n].radius > epsilon);
          }
        }
      }
    }
  CHECK(boundaries > 20);
}

TEST_CASE("a trained network's certified points stand where they are pushed hardest") {
  // Two rings, by distance from the origin: classes 0 and 1 in the plane.
  Random random(4);
  std::vector<float> pixels;
  std::vector<int> labels;
  for (int n = 0; n < 600; ++n) {
    const int label = n % 2;
    const double angle = random.uniform(0, 6.283185), radius = 0.5 + label + 0.1 * random.normal();
    pixels.push_back(static_cast<float>(radius * std::cos(angle)));
    pixels.push_back(static_cast<float>(radius * std::sin(angle)));
    labels.push_back(label);
  }
  const data::Dataset rings("rings", Shape::flat(2), std::move(pixels), std::move(labels), 2);
  GloroModel<float> model(
      Shape::flat(2),
      {Dense<float>(16), MinMax<float>(), Dense<float>(16), MinMax<float>(), Dense<float>(2)}, 3);
  Trainer<float> trainer(model, {.epochs = 60,
                                 .batch_size = 60,
                                 .epsilon = 0.15,
                                 .learning_rate = 5e-3,
                                 .seed = 1,
                                 .threads = 1});
  trainer.fit(rings, rings);

  const double epsilon = 0.1;
  const Certifier<float> certifier(model);
  Workers workers(1);
  const CertifiedMetrics proved = certified_metrics(certifier, rings, epsilon, workers);
  const Metrics estimated = evaluate(model, rings, epsilon, workers);
  CHECK(proved.samples == 600);
  CHECK(proved.clean_accuracy() == estimated.clean_accuracy());
  CHECK(proved.vra() > 0.5);
  CHECK(proved.vra() <= estimated.estimated_vra());
  CHECK(proved.vra() >= estimated.estimated_vra() - 0.01);
  CHECK(proved.needed_double < 60);

  // In the plane all directions can be tried, out to the radius.
  const auto images = rings.images<float>(0, 100);
  const auto answers = certifier.certify(images, {.workers = &workers}).answers;
  const GloroModel<double> exact = model.cast<double>();
  for (Index n = 0; n < images.batch(); ++n) {
    const Certificate& answer = answers[static_cast<std::size_t>(n)];
    if (answer.abstains()) continue;
    Tensor<double> around(Shape::flat(2), 360);
    for (Index k = 0; k < around.batch(); ++k) {
      const double angle = static_cast<double>(k) * 3.14159265 / 180;
      around.matrix().col(k) =
          images.matrix().col(n).cast<double>() +
          0.999999 * answer.radius * Eigen::Vector2d(std::cos(angle), std::sin(angle));
    }
    const Tensor<double> logits = exact.logits(std::move(around));
    CHECK(
        (logits.matrix().row(answer.label).array() > logits.matrix().row(1 - answer.label).array())
            .all());
  }
}
