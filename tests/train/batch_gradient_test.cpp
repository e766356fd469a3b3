// BatchGradient: the mean gradient of a batch, the same bits for any number of threads.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "gloro/loss/cross_entropy.hpp"
#include "gloro/loss/trades.hpp"
#include "gloro/train/detail/batch_gradient.hpp"
#include "train/small_problem.hpp"

using namespace gloro;

namespace {

constexpr double epsilon = 0.1, lambda_factor = 0.5;

/// The gradient of the first `samples` samples, by `threads` threads; the metrics beside it.
template <typename Scalar>
std::pair<Gradients<Scalar>, Metrics> gradient(const data::Dataset& dataset, Index samples,
                                               const Loss<Scalar>& loss, int threads) {
  const auto model = small_problem::network<Scalar>();
  Workers workers(threads);
  BatchGradient<Scalar> batch(model);
  const auto gather = [&](Index first, Index count) {
    return dataset.images<Scalar>(first, count);
  };
  const auto labels = std::span(dataset.labels()).first(static_cast<std::size_t>(samples));
  const auto compute = [&] {
    return batch.compute(model.layer_lipschitz(), gather, labels, loss, Scalar(epsilon),
                         lambda_factor, workers);
  };
  (void)compute();  // nothing of an earlier batch may be left over
  const Metrics metrics = compute();
  return {batch.gradients(), metrics};
}

}  // namespace

TEST_CASE("Shards are as many as chunks, at most eight, whatever the threads") {
  using Batch = BatchGradient<float>;
  CHECK(Batch::shard_count(0) == 1);
  CHECK(Batch::shard_count(1) == 1);
  CHECK(Batch::shard_count(32) == 1);
  CHECK(Batch::shard_count(33) == 2);
  CHECK(Batch::shard_count(64) == 2);
  CHECK(Batch::shard_count(255) == 8);
  CHECK(Batch::shard_count(100000) == 8);
}

TEMPLATE_TEST_CASE("A batch gradient has the same bits on 1, 2, 3 and 5 threads", "", float,
                   double) {
  using Scalar = TestType;
  const auto dataset = small_problem::dataset(600, 1);
  for (const Index samples : {1, 40, 97, 600}) {
    const auto [one, metrics] = gradient<Scalar>(dataset, samples, Trades{.lambda = 2}, 1);
    CHECK(metrics.samples == samples);
    CHECK(one.flat().norm() > 0);
    for (const int threads : {2, 3, 5}) {
      const auto [many, others] = gradient<Scalar>(dataset, samples, Trades{.lambda = 2}, threads);
      CHECK(many.flat() == one.flat());
      CHECK(others.loss == metrics.loss);
      CHECK(others.right_and_answered == metrics.right_and_answered);
    }
  }
}

TEST_CASE("A batch gradient is the mean over the samples of a plain loop") {
  const auto dataset = small_problem::dataset(300, 2);
  const auto model = small_problem::network<double>();
  const auto layers = model.layer_lipschitz();
  const auto terms = model.lipschitz_terms(layers);
  Workers workers(1);
  const Loss<double> loss = Trades{.lambda = 2};
  for (const Index samples : {1, 7, 33, 300}) {
    Gradients<double> sum(model.parameters());
    Metrics counted;
    for (Index n = 0; n < samples; ++n) {
      Tape<double> tape;
      const Tensor<double> y = model.logits(dataset.image<double>(n), {.tape = &tape});
      Tensor<double> slope(y.shape(), 1);
      slope.matrix().setZero();
      LipschitzSlopes<double> by_terms{0, Matrix<double>::Zero(3, 3)};
      LossGradient<double> out{slope.matrix(), by_terms};
      const std::vector<int> label{dataset.label(n)};
      counted.loss += loss({.logits = y.matrix(),
                            .labels = label,
                            .terms = terms,
                            .epsilon = epsilon,
                            .lambda_factor = lambda_factor},
                           &out);
      counted.count(y, label, terms.margin_constants, epsilon);
      (void)model.backward(std::move(slope), {.tape = tape, .gradients = sum.views()});
      model.lipschitz_backward(by_terms, layers, sum.views(), workers);
    }
    const auto [mean, metrics] = gradient<double>(dataset, samples, loss, 2);
    const auto parameters = mean.flat().head(sum.size());  // the Lipschitz slopes lie behind
    const auto expected = (sum.flat() / static_cast<double>(samples)).eval();
    CHECK((parameters - expected).norm() <= 1e-12 * expected.norm());
    CHECK(metrics.loss == Approx(counted.loss).epsilon(1e-12));
    CHECK(metrics.samples == samples);
    CHECK(metrics.right == counted.right);
    CHECK(metrics.answered == counted.answered);
    CHECK(metrics.right_and_answered == counted.right_and_answered);
  }
}

TEST_CASE(
    "A label that names no class comes out of a batch as an error, and the next batch works") {
  const auto model = small_problem::network<float>();
  const auto dataset = small_problem::dataset(100, 3);
  std::vector<int> labels = dataset.labels();
  Workers workers(3);
  BatchGradient<float> batch(model);
  const auto compute = [&] {
    return batch.compute(
        model.layer_lipschitz(),
        [&](Index first, Index count) { return dataset.images(first, count); }, labels,
        CrossEntropy{}, 0.1F, 1, workers);
  };
  const double before = compute().loss;
  const Gradients<float> gradients = batch.gradients();
  labels[70] = 3;
  CHECK_THROWS_AS(compute(), ArgumentError);
  labels[70] = dataset.label(70);
  CHECK(compute().loss == before);
  CHECK(batch.gradients().flat() == gradients.flat());
}

TEST_CASE("Slopes that would turn denormal on their way back are dropped, NaN is not") {
  const auto dataset = small_problem::dataset(40, 4);
  // Falls by `faint` for logit 0 and rises by 1 for logit 1.
  const auto gradient_of = [&](float faint) {
    const Loss<float> loss = [=](const LossInput<float>&, LossGradient<float>* out) {
      out->logits.row(0).array() -= faint;
      out->logits.row(1).array() += 1;
      return 0.0;
    };
    return gradient<float>(dataset, 40, loss, 1).first;
  };
  const auto without = gradient_of(0);
  CHECK(without.flat().norm() > 0);
  CHECK(gradient_of(1e-20F).flat() == without.flat());
  CHECK(gradient_of(1e-37F).flat() == without.flat());
  CHECK(gradient_of(1e-18F).flat() != without.flat());
  CHECK(gradient_of(std::numeric_limits<float>::quiet_NaN()).flat().hasNaN());
}

TEST_CASE("An empty batch has no mean, and is refused") {
  const auto model = small_problem::network<float>();
  Workers workers(1);
  BatchGradient<float> batch(model);
  CHECK_THROWS_AS(batch.compute(
                      model.layer_lipschitz(), [](Index, Index) { return Tensor<float>(); }, {},
                      CrossEntropy{}, 0.1F, 1, workers),
                  ArgumentError);
}
