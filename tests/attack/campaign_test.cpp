// The adversarial campaign: every attack against the certificates of a network trained on MNIST. It
// needs the data: without, it fails and says so. A small run belongs to the suite; the long one, by hand,
// takes all test images and larger networks: test_attack "[.nightly]".
#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"
#include "gloro/attack/boundary.hpp"
#include "gloro/attack/contradiction.hpp"
#include "gloro/attack/pgd.hpp"
#include "gloro/attack/rounding_walk.hpp"
#include "gloro/certify/certified_metrics.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/certify/summary.hpp"
#include "gloro/data/mnist.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/trainer.hpp"
#include "gloro/wording/architecture.hpp"
#include "real_data.hpp"

using namespace gloro;

namespace {

struct Campaign {
  std::string architecture = "2C2F";
  double epsilon = 0.3;
  Index epochs = 3;
  Index train_images = 10000;
  Index attacked = 300;  // by PGD, at epsilon and at each one's own radius
  Index bounded = 100;   // by the boundary attack
  Index walked = 10;     // by the rounding walk
  int steps = 20, restarts = 2, rivals = 2;
};

std::vector<double> radii_of(const std::vector<Certificate>& answers) {
  std::vector<double> radii;
  for (const Certificate& answer : answers) radii.push_back(answer.radius);
  return radii;
}

/// The labels of the answers; where one abstains (and its radius is 0) any will do.
std::vector<int> labels_of(const Certificates& certified) {
  std::vector<int> labels = certified.top;
  for (std::size_t n = 0; n < labels.size(); ++n)
    if (!certified.answers[n].abstains()) labels[n] = certified.answers[n].label;
  return labels;
}

/// Contradictions between the answers at one batch and at another, each pair or sample by sample.
Index contradictions(const Tensor<float>& x, const std::vector<Certificate>& a,
                     const Tensor<float>& y, const std::vector<Certificate>& b, bool each_pair) {
  Index count = 0;
  for (Index n = 0; n < x.batch(); ++n)
    for (Index m = each_pair ? 0 : n; m < (each_pair ? y.batch() : n + 1); ++m)
      count += attack::contradict(a[static_cast<std::size_t>(n)], x.sample(n),
                                  b[static_cast<std::size_t>(m)], y.sample(m), x.shape().size());
  return count;
}

void run(const Campaign& campaign, const data::Split& mnist) {
  Workers workers;
  GloroModel<float> model({28, 28, 1}, read_architecture<float>(campaign.architecture, 10), 1);
  Trainer<float> trainer(model, {.epochs = campaign.epochs,
                                 .batch_size = 128,
                                 .epsilon = campaign.epsilon,
                                 .loss = Trades{.lambda = 1.5},
                                 .learning_rate = 2e-3,
                                 .seed = 1});
  trainer.fit(mnist.train.head(campaign.train_images), mnist.test.head(100));
  const Certifier<float> certifier(model);

  const data::Dataset test = mnist.test.head(campaign.attacked);
  const CertifiedMetrics metrics = certified_metrics(certifier, test, campaign.epsilon, workers);
  REQUIRE(metrics.right_and_certified > 0);  // else there is nothing to attack
  const Tensor<float> x = test.images(0, test.size());
  const auto best = certifier.certify(x, {.workers = &workers});

  attack::PgdOptions pgd{
      .steps = campaign.steps, .restarts = campaign.restarts, .rivals = campaign.rivals};
  {
    INFO("PGD at epsilon");
    const auto certified = certifier.certify(x, {.epsilon = campaign.epsilon, .workers = &workers});
    const auto attacked = attack::pgd(model, x, test.labels(), campaign.epsilon, pgd, workers);
    CHECK(attacked.successes() > test.size() - metrics.right);  // the attack is one
    CHECK(test.size() - attacked.successes() >= metrics.right_and_certified);
    Index moved = 0;
    for (std::size_t n = 0; n < certified.answers.size(); ++n)
      moved += certified.answers[n].label == test.labels()[n] && attacked.attempts[n].success;
    CHECK(moved == 0);
  }
  {
    INFO("PGD at each image's certified radius");
    const auto labels = labels_of(best);
    const auto radii = radii_of(best.answers);
    const auto attacked =
        attack::pgd(model, x, labels, std::span<const double>(radii), pgd, workers);
    CHECK(attacked.successes() == 0);
    const auto there = certifier.certify(attacked.points, {.workers = &workers});
    CHECK(contradictions(x, best.answers, attacked.points, there.answers, false) == 0);
  }
  {
    INFO("every pair of answers");
    CHECK(contradictions(x, best.answers, x, best.answers, true) == 0);
  }
  {
    INFO("the nearest adversarial point found");
    const Tensor<float> some = test.images(0, std::min(campaign.bounded, test.size()));
    std::vector<int> labels = labels_of(best);
    labels.resize(static_cast<std::size_t>(some.batch()));
    const auto found = attack::boundary(model, some, labels, {.restarts = 1}, workers);
    Index nearer = 0;
    for (std::size_t n = 0; n < labels.size(); ++n)
      nearer +=
          found.attempts[n].success && !(found.attempts[n].distance >= best.answers[n].radius);
    CHECK(nearer == 0);
    CHECK(found.successes() == some.batch());
    // A little beyond the boundary the other class has balls of its own.
    Tensor<float> beyond = some;
    beyond.matrix() += 1.25F * (found.points.matrix() - some.matrix());
    const auto there = certifier.certify(beyond, {.workers = &workers});
    CHECK(contradictions(some, best.answers, beyond, there.answers, true) == 0);
  }
  {
    INFO("neighbouring floats at the edge");
    const auto answer = [&](const Tensor<float>& image) { return certifier.certify_image(image); };
    for (Index n = 0; n < campaign.walked; ++n) {
      const Certificate& claim = best.answers[static_cast<std::size_t>(n)];
      if (claim.abstains()) continue;
      const auto found =
          attack::rounding_walk(model, answer, test.image(n), claim,
                                {.rounds = 10, .seed = static_cast<std::uint64_t>(n)});
      CHECK(found.contradictions == 0);
      CHECK(found.flips == 0);
    }
  }
}

void run_on_mnist(const std::vector<Campaign>& campaigns) {
  const data::Split mnist = data::mnist(real_data("mnist"));
  for (const Campaign& campaign : campaigns) {
    INFO(campaign.architecture << " at " << campaign.epsilon);
    run(campaign, mnist);
  }
}

}  // namespace

TEST_CASE(
    "no attack moves a certified MNIST image, no two labelled answers contradict each other") {
  run_on_mnist({Campaign{}});
}

TEST_CASE("the whole MNIST test set under attack, two networks", "[.nightly]") {
  run_on_mnist({{.epochs = 10,
                 .train_images = 60000,
                 .attacked = 10000,
                 .bounded = 1000,
                 .walked = 300,
                 .steps = 40},
                {.architecture = "4C3F",
                 .epsilon = 1,
                 .epochs = 3,
                 .train_images = 60000,
                 .attacked = 1000,
                 .bounded = 200,
                 .walked = 60}});
}
