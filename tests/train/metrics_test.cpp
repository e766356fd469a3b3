// Metrics: what is counted, against cases worked by hand and a plain loop.
#include "catch.hpp"

#include <limits>
#include <vector>

#include "gloro/train/metrics.hpp"
#include "train/small_problem.hpp"

using namespace gloro;

TEMPLATE_TEST_CASE("Right, answered and both are counted by the strict rule", "", float, double) {
  using Scalar = TestType;
  const Matrix<Scalar> margins = Matrix<Scalar>::Constant(2, 2, 2);
  // Leads of 3, 0.5, 0 and -3 over the true class 0; with epsilon 0.5 a lead must exceed 1.
  Tensor<Scalar> y(Shape::flat(2), 5);
  y.matrix() << 3, Scalar(0.5), 0, -3, 1, 0, 0, 0, 0, 0;
  const std::vector<int> labels(5, 0);
  Metrics metrics;
  metrics.count(y, labels, margins, Scalar(0.5));
  CHECK(metrics.samples == 5);
  CHECK(metrics.right == 4);     // a tie goes to the first class
  CHECK(metrics.answered == 2);  // a lead of exactly 1 does not
  CHECK(metrics.right_and_answered == 1);
  CHECK(metrics.clean_accuracy() == 0.8);
  CHECK(metrics.estimated_vra() == 0.2);
  CHECK(metrics.estimated_rejection_rate() == 0.6);
  metrics.loss = 10;
  CHECK(metrics.mean_loss() == 2);

  Metrics twice = metrics;
  twice += metrics;
  CHECK(twice.samples == 10);
  CHECK(twice.right == 8);
  CHECK(twice.answered == 4);
  CHECK(twice.right_and_answered == 2);
  CHECK(twice.loss == 20);
}

TEMPLATE_TEST_CASE("Relaxed, a sample counts where its class is in a set that stands", "", float,
                   double) {
  using Scalar = TestType;
  const Matrix<Scalar> margins = Matrix<Scalar>::Constant(4, 4, 2);  // a lead must exceed 1
  // Logits 5, 4.5, 3, 2 (the pair stands); 5, 3, 2.5, 2 (the first alone, no pair); 5, 3, 0, 0 (one,
  // and the pair); 5, 4.5, 4, 4 (nothing); each with every label.
  const Vector<Scalar> samples[] = {
      Vector<Scalar>{{5, Scalar(4.5), 3, 2}}, Vector<Scalar>{{5, 3, Scalar(2.5), 2}},
      Vector<Scalar>{{5, 3, 0, 0}}, Vector<Scalar>{{5, Scalar(4.5), 4, 4}}};
  Tensor<Scalar> y(Shape::flat(4), 16);
  std::vector<int> labels;
  for (Index n = 0; n < 16; ++n) {
    y.matrix().col(n) = samples[n / 4];
    labels.push_back(static_cast<int>(n % 4));
  }
  Metrics metrics;
  metrics.count(y, labels, margins, Scalar(0.5), Guarantee::top_k(2));
  CHECK(metrics.samples == 16);
  CHECK(metrics.right == 4);
  CHECK(metrics.answered == 12);
  CHECK(metrics.right_and_answered == 2 + 1 + 2);  // the second and third sample alone in two ways
  Metrics top_1;
  top_1.count(y, labels, margins, Scalar(0.5));
  CHECK(top_1.right == 4);
  CHECK(top_1.answered == 8);
  CHECK(top_1.right_and_answered == 2);
  Metrics affine;
  affine.count(y, labels, margins, Scalar(0.5), Guarantee::affinity({{1, 2, 3}}));
  CHECK(affine.answered == 8);
  CHECK(affine.right_and_answered == 2);
}

TEST_CASE("Logits that are no numbers are never counted as answered") {
  Tensor<float> y(Shape::flat(3), 3);
  y.matrix().setConstant(0);
  for (Index n = 0; n < 3; ++n) {
    y.matrix()(2, n) = 9;
    y.matrix()(n, n) = std::numeric_limits<float>::quiet_NaN();
  }
  Metrics metrics;
  metrics.count(y, std::vector<int>{2, 2, 2}, Matrix<float>(Matrix<float>::Ones(3, 3)), 0.1F);
  CHECK(metrics.answered == 0);
}

TEST_CASE("Shares of nothing are zero") {
  const Metrics none;
  CHECK(none.estimated_vra() == 0);
  CHECK(none.mean_loss() == 0);
}

TEST_CASE("evaluate() counts what estimated_labels() says, for any number of threads") {
  const auto model = small_problem::network<float>();
  const auto dataset = small_problem::dataset(333, 4);
  const float epsilon = 0.02F;
  Index right = 0, certified = 0, both = 0;
  const auto y = model.logits(dataset.images(0, 333));
  const auto labels = model.estimated_labels(dataset.images(0, 333), epsilon);
  for (Index n = 0; n < 333; ++n) {
    Index top = 0;
    y.matrix().col(n).maxCoeff(&top);
    right += top == dataset.label(n);
    certified += labels[static_cast<std::size_t>(n)] != abstain;
    both += labels[static_cast<std::size_t>(n)] == dataset.label(n);
  }
  CHECK(certified > 0);
  CHECK(certified < 333);
  for (const int threads : {1, 3}) {
    Workers workers(threads);
    const Metrics metrics = evaluate(model, dataset, static_cast<double>(epsilon), workers);
    CHECK(metrics.samples == 333);
    CHECK(metrics.right == right);
    CHECK(metrics.answered == certified);
    CHECK(metrics.right_and_answered == both);
  }
}

TEST_CASE("evaluate() refuses images without labels") {
  const auto model = small_problem::network<float>();
  const data::Dataset unlabelled("unlabelled", small_problem::shape,
                                 std::vector<float>(36 * 2, 0.5F));
  Workers workers(1);
  CHECK_THROWS_AS(evaluate(model, unlabelled, 0.1, workers), ArgumentError);
}
