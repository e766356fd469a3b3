// The certifier as its users meet it: one image and batches, float first and double where it must
// be, the same answers for any number of threads, and clear refusals.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <vector>

#include "gloro/certify/certified_metrics.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/data/dataset.hpp"
#include "networks.hpp"

using namespace gloro;

namespace {

template <typename Scalar>
Tensor<Scalar> sample(const Tensor<Scalar>& images, Index n) {
  Tensor<Scalar> one(images.shape(), 1);
  std::copy_n(images.sample(n), one.size(), one.data());
  return one;
}

/// A layer that says nothing about its rounding.
struct Silent {
  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  [[nodiscard]] Tensor<float> forward(Tensor<float> x, const Pass<float>&) const { return x; }
  [[nodiscard]] Tensor<float> backward(Tensor<float> dy, const BackwardPass<float>&) const {
    return dy;
  }
  [[nodiscard]] float lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
};

/// One that does, but knows float alone.
struct FloatOnly : Silent {
  [[nodiscard]] RoundingBound rounding() const { return {}; }
};

/// One of a user's own, exact, that does not keep zero where it is.
template <typename Scalar>
struct Raised {
  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
    x.matrix() = x.matrix().cwiseMax(Scalar(1000));
    return x;
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const {
    return dy;
  }
  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  template <std::floating_point Other>
  [[nodiscard]] Raised<Other> cast() const {
    return {};
  }
};

}  // namespace

TEST_CASE("a batch gets the answers of its images one by one") {
  Workers workers(2);
  for (int family = 0; family < networks::families; ++family) {
    const auto model = networks::random_network(family, 3);
    const Certifier<float> certifier(model);
    const auto images = networks::random_batch<float>(model.input_shape(), 150, Random(1));
    const Certificates best = certifier.certify(images, {.workers = &workers});
    REQUIRE(best.answers.size() == 150);
    CHECK(best.needed_double == 150);
    std::vector<double> radii;
    for (const auto& answer : best.answers) radii.push_back(answer.radius);
    std::nth_element(radii.begin(), radii.begin() + 75, radii.end());
    const double epsilon = radii[75];  // half of them are certified
    const Certificates at = certifier.certify(images, {.epsilon = epsilon, .workers = &workers});
    CHECK(at.needed_double < 20);
    for (Index n = 0; n < images.batch(); ++n) {
      const auto k = static_cast<std::size_t>(n);
      CHECK(certifier.certify_image(sample(images, n)).label == best.answers[k].label);
      CHECK(certifier.certify_image(sample(images, n), {.epsilon = epsilon}).label ==
            at.answers[k].label);
      // At epsilon the answer is the best one's, no more and no less.
      CHECK(at.answers[k].abstains() == !(best.answers[k].radius > epsilon));
      if (!at.answers[k].abstains()) {
        CHECK(at.answers[k].label == best.answers[k].label);
        CHECK(at.answers[k].label == at.top[k]);
        CHECK(at.answers[k].radius > epsilon);
      } else {
        CHECK(at.answers[k].radius == 0);
      }
    }
  }
}

TEST_CASE("any number of threads gives the same bits") {
  const auto model = networks::random_network(1, 5);
  const Certifier<float> certifier(model);
  const auto images = networks::random_batch<float>(model.input_shape(), 333, Random(2));
  Workers one(1), three(3);
  CHECK(certifier.certify(images, {.workers = &one}).answers ==
        certifier.certify(images, {.workers = &three}).answers);
  for (const double epsilon : {0.0, 0.01, 0.1}) {
    const Certificates a = certifier.certify(images, {.epsilon = epsilon, .workers = &one});
    const Certificates b = certifier.certify(images, {.epsilon = epsilon, .workers = &three});
    CHECK(a.answers == b.answers);
    CHECK(a.top == b.top);
    CHECK(a.needed_double == b.needed_double);
  }
}

TEST_CASE("threads may share a certifier") {
  const auto model = networks::random_network(0, 6);
  const Certifier<float> certifier(model);
  const auto images = networks::random_batch<float>(model.input_shape(), 64, Random(3));
  Workers workers(4);
  std::vector<Certificate> shared(64);
  workers.for_each(64, [&](Index n) {
    shared[static_cast<std::size_t>(n)] = certifier.certify_image(sample(images, n));
  });
  for (Index n = 0; n < 64; ++n)
    CHECK(shared[static_cast<std::size_t>(n)] == certifier.certify_image(sample(images, n)));
}

TEST_CASE("a model in double gets the best answers of its float twin") {
  const auto model = networks::random_network(2, 7);
  const Certifier<float> in_float(model);
  const Certifier<double> in_double(model.cast<double>());
  const auto images = networks::random_batch<float>(model.input_shape(), 40, Random(4));
  Tensor<double> wide(images.shape(), images.batch());
  std::copy_n(images.data(), images.size(), wide.data());
  Workers workers(1);
  CHECK(in_double.margin_constants() == in_float.margin_constants());
  const Certificates a = in_float.certify(images, {.workers = &workers});
  const Certificates b = in_double.certify(wide, {.workers = &workers});
  CHECK(a.answers == b.answers);
  CHECK(in_double.certify_image(sample(wide, 0)) == a.answers[0]);
  const Certificates at = in_double.certify(wide, {.epsilon = 0.01, .workers = &workers});
  CHECK(at.needed_double == 40);
  for (std::size_t n = 0; n < 40; ++n)
    CHECK(at.answers[n].label == (a.answers[n].radius > 0.01 ? a.answers[n].label : abstain));
}

TEST_CASE("images that float settles do not go to double, certified or not") {
  Matrix<float> weight(2, 1);
  weight << 1, 0;
  const Certifier<float> certifier(networks::linear<float>(weight, Matrix<float>::Zero(2, 1)));
  Tensor<float> images(Shape::flat(1), 5);  // their radii, nearly
  images.matrix() << 0.2F, 0.4999F, 0.5F, 0.50001F, 0.7F;
  Workers workers(1);
  const Certificates at = certifier.certify(images, {.epsilon = 0.5, .workers = &workers});
  CHECK(at.needed_double == 1);
  const std::vector<int> expected{abstain, abstain, abstain, 0, 0};
  for (std::size_t n = 0; n < expected.size(); ++n) CHECK(at.answers[n].label == expected[n]);
}

TEST_CASE("the constants of margins are never too small, and hardly too large") {
  for (int family = 0; family < networks::families; ++family) {
    const auto model = networks::random_network(family, 8);
    const Certifier<float> certifier(model);
    double k = 1;
    const auto bounds = certifier.layer_bounds();
    REQUIRE(bounds.size() + 1 == model.layers().size());
    for (std::size_t l = 0; l < bounds.size(); ++l) {
      CHECK(bounds[l] == model.layers()[l].lipschitz_upper_bound());
      k *= bounds[l];
    }
    const Matrix<double> head = model.head().weight().cast<double>();
    for (Index j = 0; j < model.classes(); ++j)
      for (Index i = 0; i < model.classes(); ++i) {
        const double constant = k * (head.row(j) - head.row(i)).norm();
        CHECK(certifier.margin_constants()(j, i) >= constant * (1 - 1e-13));
        CHECK(certifier.margin_constants()(j, i) <= constant * (1 + 1e-12));
      }
  }
}

TEST_CASE("an exact layer of a user's own may move zero: its norms are followed") {
  GloroModel<float> model(Shape::flat(3), {Raised<float>(), Dense<float>(4), Dense<float>(2)}, 9);
  const RunningError<float> forward(model, body_upper_bounds(model));
  Tensor<float> x(Shape::flat(3), 1);
  x.matrix().setZero();
  const auto result = forward(std::move(x));
  const auto& dense = *model.layers()[1].as<Dense<float>>();
  const double n = 1000 * std::sqrt(3.0);
  CHECK(result.at_head.data()[0].error >= dense.rounding().relative * n);
  CHECK(result.at_head.data()[0].error <= 1.01 * dense.rounding().relative * n);
}

TEST_CASE("a layer that cannot be certified is named") {
  const GloroModel<float> silent(Shape::flat(2), {Dense<float>(2), Silent(), Dense<float>(2)});
  CHECK_THROWS_WITH(Certifier<float>(silent), ContainsText("layer 1") && ContainsText("rounding"));
  const GloroModel<float> narrow(Shape::flat(2), {Dense<float>(2), FloatOnly(), Dense<float>(2)});
  CHECK_THROWS_WITH(Certifier<float>(narrow), ContainsText("layer 1") && ContainsText("double"));
}

TEST_CASE("images of another shape are refused with both shapes") {
  const auto model = networks::random_network(1, 1);
  const Certifier<float> certifier(model);
  Workers workers(1);
  const Tensor<float> wrong({8, 8, 3}, 1), two(model.input_shape(), 2);
  CHECK_THROWS_WITH(certifier.certify_image(wrong), ContainsText("8x8x2") && ContainsText("8x8x3"));
  CHECK_THROWS_AS(certifier.certify_image(wrong, {.epsilon = 0.1}), ShapeError);
  CHECK_THROWS_AS(certifier.certify(wrong, {.workers = &workers}), ShapeError);
  CHECK_THROWS_AS(certifier.certify(wrong, {.epsilon = 0.1, .workers = &workers}), ShapeError);
  CHECK_THROWS_WITH(certifier.certify_image(two), ContainsText("batch of 2"));
}

TEST_CASE("the metrics count what the certificates say") {
  const auto model = networks::random_network(1, 11);
  const Certifier<float> certifier(model);
  const auto images = networks::random_batch<float>(model.input_shape(), 200, Random(5));
  Workers workers(2);
  const double epsilon = 0.05;
  const Certificates answers = certifier.certify(images, {.epsilon = epsilon, .workers = &workers});
  std::vector<int> labels;
  for (std::size_t n = 0; n < 200; ++n)
    labels.push_back(n % 4 == 0 ? (answers.top[n] + 1) % 5 : answers.top[n]);
  const data::Dataset dataset("noise", images.shape(),
                              std::vector<float>(images.data(), images.data() + images.size()),
                              labels, 5);
  const CertifiedMetrics metrics = certified_metrics(certifier, dataset, epsilon, workers);
  Index certified = 0, both = 0;
  for (std::size_t n = 0; n < 200; ++n) {
    certified += !answers.answers[n].abstains();
    both += answers.answers[n].label == labels[n];
  }
  CHECK(metrics.samples == 200);
  CHECK(metrics.right == 150);
  CHECK(metrics.certified == certified);
  CHECK(metrics.right_and_certified == both);
  CHECK(metrics.needed_double == answers.needed_double);
  CHECK(certified > 20);
  CHECK(certified < 180);
  CHECK(metrics.clean_accuracy() == 0.75);
  CHECK(metrics.vra() == static_cast<double>(both) / 200);
  CHECK(metrics.rejection_rate() == static_cast<double>(200 - certified) / 200);
  CHECK(CertifiedMetrics{}.vra() == 0);
}
