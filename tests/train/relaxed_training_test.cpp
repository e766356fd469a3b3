// Training for a relaxed guarantee: the model's own is what the gradient, the metrics and the
// checkpoint follow.
#include "catch.hpp"

#include <string>
#include <vector>

#include "data/files.hpp"
#include "gloro/certify/certified_metrics.hpp"
#include "gloro/loss/emma.hpp"
#include "gloro/loss/lipschitz_margin.hpp"
#include "gloro/train/trainer.hpp"
#include "train/small_problem.hpp"

using namespace gloro;
using small_problem::bits;

namespace {

/// Rows of two classes out of three that can hardly be told apart: the second and the third.
data::Dataset mixed(Index samples, std::uint64_t seed) {
  const data::Dataset clear = small_problem::dataset(samples, seed);
  const Tensor<float> images = clear.images<float>(0, samples);
  std::vector<int> labels;
  Random random(seed, 5);
  for (const int label : clear.labels())
    labels.push_back(label == 0 ? 0 : 1 + static_cast<int>(random.below(2)));
  return {"mixed rows", small_problem::shape,
          std::vector<float>(images.data(), images.data() + images.size()), labels, 3};
}

const data::Dataset train = mixed(300, 1), test = mixed(200, 2);

Metrics trained(GloroModel<float>& model) {
  Trainer<float> trainer(model, {.epochs = 12,
                                 .batch_size = 32,
                                 .epsilon = 0.1,
                                 .learning_rate = 0.02,
                                 .seed = 1,
                                 .threads = 1});
  return trainer.fit(train, test);
}

}  // namespace

TEST_CASE("Training for affinity certifies the classes that cannot be told apart as a set") {
  auto strict = small_problem::network<float>();
  const Metrics alone = trained(strict);
  auto relaxed = small_problem::network<float>();
  relaxed.set_guarantee(Guarantee::affinity({{0}, {1, 2}}));
  const Metrics together = trained(relaxed);
  CHECK(bits(relaxed) != bits(strict));
  CHECK(together.estimated_vra() > 0.7);
  CHECK(alone.estimated_vra() < together.estimated_vra() - 0.2);
  CHECK(together.estimated_vra() >
        together.clean_accuracy());  // the top class is a guess among two

  Workers workers(1);
  const CertifiedMetrics proved = certified_metrics(Certifier<float>(relaxed), test, 0.1, workers);
  CHECK(proved.set_vra() <= together.estimated_vra());
  CHECK(proved.set_vra() >= together.estimated_vra() - 0.02);
  CHECK(proved.clean_accuracy() == together.clean_accuracy());
  const CertifiedMetrics as_top_1 =
      certified_metrics(Certifier<float>(relaxed, Guarantee::top_1()), test, 0.1, workers);
  CHECK(as_top_1.vra() < proved.set_vra() - 0.2);
  CHECK(as_top_1.vra() == proved.vra());
}

TEST_CASE("A relaxed run gives the same bits on any number of threads") {
  std::vector<float> expected;
  for (const int threads : {1, 3}) {
    auto model = small_problem::network<float>();
    model.set_guarantee(Guarantee::top_k(2));
    Trainer<float> trainer(
        model, {.epochs = 1, .batch_size = 150, .epsilon = 0.05, .seed = 2, .threads = threads});
    trainer.fit(train, test);
    if (expected.empty()) expected = bits(model);
    CHECK(bits(model) == expected);
  }
}

TEST_CASE("A checkpoint of a run for another guarantee is refused") {
  const files::TemporaryDirectory directory;
  auto model = small_problem::network<float>();
  model.set_guarantee(Guarantee::top_k(2));
  const TrainerOptions<float> options{.epochs = 2, .threads = 1};
  Trainer<float> trainer(model, options);
  (void)trainer.fit(train, test);
  trainer.save_checkpoint(directory / "run");
  auto other = small_problem::network<float>();
  Trainer<float> resumed(other, options);
  CHECK_THROWS_WITH(resumed.resume(directory / "run", train, test),
                    ContainsText("the guarantee\n  there: top-2\n  here:  top-1"));
  other.set_guarantee(Guarantee::affinity({{0, 1}}));
  CHECK_THROWS_AS(resumed.resume(directory / "run", train, test), FileError);
  other.set_guarantee(Guarantee::top_k(2));
  resumed.resume(directory / "run", train, test);
  CHECK(bits(other) == bits(model));
}

TEST_CASE("A loss that is for top-1 says so when a relaxed model is trained with it") {
  auto model = small_problem::network<float>();
  model.set_guarantee(Guarantee::top_k(2));
  Trainer<float> trainer(model, {.epochs = 1, .loss = Emma{}, .threads = 1});
  CHECK_THROWS_AS(trainer.fit(train, test), ArgumentError);
}
