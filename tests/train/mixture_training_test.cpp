// Training with extra images mixed in: the same bits on any number of threads and after a resume; another
// mixture is another run.
#include "catch.hpp"

#include <vector>

#include "data/files.hpp"
#include "gloro/data/mixture.hpp"
#include "gloro/train/trainer.hpp"
#include "train/small_problem.hpp"

using namespace small_problem;

namespace {

TrainerOptions<float> mixed_options(int threads = 1) {
  return {.epochs = 3,
          .batch_size = 20,
          .epsilon = 0.1,
          .learning_rate = 0.01,
          .augmentation = {.flip = true, .noise = 0.05},
          .seed = 4,
          .threads = threads};
}

const data::Dataset& own_images() {
  static const data::Dataset images = dataset(60, 1);
  return images;
}
const data::Dataset& others() {
  static const data::Dataset images = dataset(90, 2);
  return images;
}

}  // namespace

TEST_CASE(
    "A training on a mixture counts the images of both and gives the same bits on any threads") {
  const data::Mixture train(own_images(), others(), 0.7);
  const data::Dataset test = dataset(30, 3);
  std::vector<std::vector<float>> weights;
  for (const int threads : {1, 3}) {
    GloroModel<float> model = network<float>();
    Trainer<float> trainer(model, mixed_options(threads));
    (void)trainer.fit(train, test);
    CHECK(trainer.reports().back().last.steps == 10);  // 6 of 60 in each
    CHECK(trainer.reports().back().last.train.samples == 200);
    weights.push_back(bits(model));
  }
  CHECK(weights[0] == weights[1]);
  GloroModel<float> plain = network<float>();
  Trainer<float> trainer(plain, mixed_options());
  (void)trainer.fit(own_images(), test);
  CHECK(bits(plain) != weights[0]);
}

TEST_CASE(
    "A training on a mixture that stops after any step gives the same bits once it is resumed") {
  const files::TemporaryDirectory directory;
  const data::Mixture train(own_images(), others(), 0.7);
  const data::Dataset test = dataset(30, 3);
  GloroModel<float> straight = network<float>();
  (void)Trainer<float>(straight, mixed_options()).fit(train, test);
  for (const int stop : {1, 7, 10, 23}) {
    GloroModel<float> model = network<float>();
    TrainerOptions<float> options = mixed_options();
    int steps = 0;
    options.should_stop = [&] { return ++steps == stop; };
    Trainer<float> stopped(model, options);
    (void)stopped.fit(train, test);
    stopped.save_checkpoint(directory / "run");

    GloroModel<float> again = network<float>();
    Trainer<float> resumed(again, mixed_options());
    resumed.resume(directory / "run", train, test);
    (void)resumed.fit(train, test);
    CHECK(bits(again) == bits(straight));
  }
}

TEST_CASE("A run on a mixture is no run on another or on none") {
  const files::TemporaryDirectory directory;
  const data::Dataset test = dataset(30, 3);
  GloroModel<float> model = network<float>();
  Trainer<float> trainer(model, mixed_options());
  (void)trainer.fit({own_images(), others(), 0.7}, test);
  trainer.save_checkpoint(directory / "run");
  const auto refused = [&](const data::Mixture& train) {
    GloroModel<float> other = network<float>();
    CHECK_THROWS_WITH(Trainer<float>(other, mixed_options()).resume(directory / "run", train, test),
                      ContainsText("is of another run") && ContainsText("extra training data"));
  };
  refused({own_images(), others(), 0.6});
  refused({own_images(), dataset(90, 5), 0.7});
  refused(own_images());
}

TEST_CASE("A run may be gone on with for more epochs where that is allowed") {
  const files::TemporaryDirectory directory;
  const data::Dataset test = dataset(30, 3);
  TrainerOptions<float> options = mixed_options();
  options.learning_rate = Schedule::from(0.01).linear_to(0);
  GloroModel<float> model = network<float>();
  Trainer<float> trainer(model, options);
  (void)trainer.fit(own_images(), test);
  trainer.save_checkpoint(directory / "run");
  const auto longer = [&](Index epochs) {
    TrainerOptions<float> more = options;
    more.epochs = epochs;
    return more;
  };
  GloroModel<float> other = network<float>();
  CHECK_THROWS_WITH(Trainer<float>(other, longer(6)).resume(directory / "run", own_images(), test),
                    ContainsText("the number of epochs"));
  CHECK_THROWS_WITH(Trainer<float>(other, longer(2))
                        .resume(directory / "run", own_images(), test, MoreEpochs::allowed),
                    ContainsText("the number of epochs"));
  Trainer<float> resumed(other, longer(6));
  CHECK(resumed.resume(directory / "run", own_images(), test, MoreEpochs::allowed) == 3);
  (void)resumed.fit(own_images(), test);
  CHECK(resumed.epoch() == 6);
  CHECK(bits(other) != bits(model));
  resumed.save_checkpoint(directory / "run");
  GloroModel<float> last = network<float>();
  CHECK(Trainer<float>(last, longer(6))
            .resume(directory / "run", own_images(), test, MoreEpochs::allowed) == 6);
}
