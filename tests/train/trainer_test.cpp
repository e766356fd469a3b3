// Trainer: the same bits on any number of threads and after a resume; observers; what is refused; and
// a short run on MNIST that must certify.
#include "catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "data/files.hpp"
#include "gloro/data/idx.hpp"
#include "gloro/train/trainer.hpp"
#include "real_data.hpp"
#include "train/small_problem.hpp"

using namespace gloro;
using small_problem::bits;
namespace fs = std::filesystem;

namespace {

const data::Dataset train = small_problem::dataset(150, 1), test = small_problem::dataset(60, 2);

/// Everything that could depend on the thread or the epoch: schedules, augmentation, clipping,
/// batches of two shards with a short one at the end.
template <typename Scalar>
TrainerOptions<Scalar> options() {
  TrainerOptions<Scalar> chosen;
  chosen.epochs = 3;
  chosen.batch_size = 64;
  chosen.epsilon = Schedule("[0.01]-log-[50%:1.1]") * 0.05;
  chosen.loss = Trades{.lambda = 1.5};
  chosen.learning_rate = Schedule("linear_decay") * 0.01;
  chosen.clip_norm = 1;
  chosen.augmentation = {.flip = true, .noise = 0.05};
  chosen.seed = 3;
  chosen.threads = 1;
  return chosen;
}

/// Saves a checkpoint after an epoch, as a program does.
template <typename Scalar>
struct SaveAfter {
  Trainer<Scalar>* trainer;
  Index epochs;
  fs::path path;
  void epoch(const EpochReport& report) {
    if (report.last.epoch + 1 == epochs) trainer->save_checkpoint(path);
  }
};

}  // namespace

TEMPLATE_TEST_CASE("Training gives the same bits on any number of threads", "", float, double) {
  const auto trained = [](int threads) {
    auto model = small_problem::network<TestType>();
    auto chosen = options<TestType>();
    chosen.threads = threads;
    (void)Trainer<TestType>(model, chosen).fit(train, test);
    return bits(model);
  };
  const auto one = trained(1);
  CHECK(trained(2) == one);
  CHECK(trained(5) == one);
  auto untouched = small_problem::network<TestType>();
  CHECK(one != bits(untouched));
}

TEST_CASE("A resumed run gives the same bits as one that never stopped, with every optimizer") {
  for (const std::string rule : {"adam", "nadam", "sgd.0.9"}) {
    CAPTURE(rule);
    auto chosen = options<float>();
    chosen.optimizer = OptimizerOptions::parse(rule);
    const files::TemporaryDirectory directory;
    const fs::path file = directory / "run";
    auto straight = small_problem::network<float>();
    Trainer<float> whole(straight, chosen);
    const Metrics expected = whole.fit(train, test, SaveAfter<float>{&whole, 1, file});

    auto model = small_problem::network<float>(99);  // all of it comes from the file
    chosen.threads = 3;
    Trainer<float> resumed(model, chosen);
    resumed.resume(file);
    CHECK(resumed.epoch() == 1);
    const Metrics metrics = resumed.fit(train, test);
    CHECK(resumed.epoch() == 3);
    CHECK(bits(model) == bits(straight));
    CHECK(metrics.right_and_certified == expected.right_and_certified);
  }
}

TEST_CASE("A checkpoint of a run with other options is refused, and the run left as it was") {
  const files::TemporaryDirectory directory;
  const fs::path file = directory / "run";
  auto model = small_problem::network<float>();
  Trainer<float>(model, options<float>()).save_checkpoint(file);
  using Change = std::function<void(TrainerOptions<float>&)>;
  const std::vector<Change> changes{
      [](auto& o) { o.epochs = 4; },
      [](auto& o) { o.batch_size = 63; },
      [](auto& o) { o.seed = 4; },
      [](auto& o) { o.epsilon = 0.05; },
      [](auto& o) { o.epsilon = o.epsilon * 2; },
      [](auto& o) { o.learning_rate = 0.01; },
      [](auto& o) { o.lambda_factor = 0.5; },
      [](auto& o) { o.power_iterations = 6; },
      [](auto& o) { o.clip_norm = 2; },
      [](auto& o) { o.optimizer.rule = OptimizerOptions::Rule::nadam; },
      [](auto& o) { o.optimizer.weight_decay = 0.1; },
      [](auto& o) { o.augmentation.flip = false; },
      [](auto& o) { o.augmentation.noise = 0.06; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    CAPTURE(i);
    auto chosen = options<float>();
    changes[i](chosen);
    auto other = small_problem::network<float>(5);
    const auto before = bits(other);
    Trainer<float> trainer(other, chosen);
    CHECK_THROWS_AS(trainer.resume(file), FileError);
    CHECK(bits(other) == before);
    CHECK(trainer.epoch() == 0);
  }
  auto chosen = options<float>();  // how many threads is nobody's business
  chosen.threads = 2;
  auto same = small_problem::network<float>(5);
  Trainer<float>(same, chosen).resume(file);
  CHECK(bits(same) == bits(model));
}

TEST_CASE("A finished run that is resumed trains no further, and reports the test set") {
  const files::TemporaryDirectory directory;
  const fs::path file = directory / "run";
  auto model = small_problem::network<float>();
  Trainer<float> trainer(model, options<float>());
  const Metrics metrics = trainer.fit(train, test);
  trainer.save_checkpoint(file);
  const auto before = bits(model);
  auto other = small_problem::network<float>(5);
  Trainer<float> resumed(other, options<float>());
  resumed.resume(file);
  CHECK(resumed.fit(train, test).right_and_certified == metrics.right_and_certified);
  CHECK(bits(other) == before);
}

TEST_CASE("Training learns: bright rows are told apart, and certified") {
  auto model = small_problem::network<float>();
  auto chosen = options<float>();
  chosen.epochs = 30;
  chosen.epsilon = 0.1;
  chosen.augmentation = {};
  const Metrics metrics = Trainer<float>(model, chosen).fit(train, test);
  CHECK(metrics.clean_accuracy() > 0.95);
  CHECK(metrics.vra() > 0.8);
}

TEST_CASE("Observers are told of every step and epoch, in order") {
  struct Steps {
    std::vector<StepReport> reports;
    void step(const StepReport& report) { reports.push_back(report); }
  } steps;
  struct Epochs {
    std::vector<EpochReport> reports;
    void epoch(const EpochReport& report) { reports.push_back(report); }
  } epochs;
  auto model = small_problem::network<float>();
  const Metrics metrics = Trainer<float>(model, options<float>()).fit(train, test, steps, epochs);
  REQUIRE(steps.reports.size() == 9);  // 150 samples in batches of 64: 3 an epoch
  REQUIRE(epochs.reports.size() == 3);
  for (std::size_t i = 0; i < 9; ++i) {
    const StepReport& report = steps.reports[i];
    CHECK(report.epoch == static_cast<Index>(i / 3));
    CHECK(report.epochs == 3);
    CHECK(report.step == static_cast<Index>(i % 3) + 1);
    CHECK(report.steps == 3);
    CHECK(report.train.samples == (i % 3 == 2 ? 150 : 64 * report.step));
    const double epoch = static_cast<double>(i / 3) + static_cast<double>(i % 3) / 3;
    CHECK(report.epsilon == options<float>().epsilon.at(epoch, 3));
    CHECK(report.learning_rate == options<float>().learning_rate.at(epoch, 3));
  }
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(epochs.reports[i].last.epoch == static_cast<Index>(i));
    CHECK(epochs.reports[i].last.step == 3);
    CHECK(epochs.reports[i].test.samples == 60);
    CHECK(epochs.reports[i].lipschitz.size() == 5);
    CHECK(epochs.reports[i].seconds >= 0);
  }
  CHECK(epochs.reports[2].seconds_left == 0);
  CHECK(epochs.reports[2].test.right_and_certified == metrics.right_and_certified);
}

TEST_CASE("VRA is reported at the test epsilon, or at the schedule's base value") {
  auto model = small_problem::network<float>();
  auto chosen = options<float>();
  CHECK(Trainer<float>(model, chosen).test_epsilon() == 0.05);
  chosen.test_epsilon = 0.2;
  CHECK(Trainer<float>(model, chosen).test_epsilon() == 0.2);
}

TEST_CASE("A run that diverges says so") {
  auto model = small_problem::network<float>();
  auto chosen = options<float>();
  chosen.optimizer = OptimizerOptions::parse("sgd");
  chosen.learning_rate = 1e30;
  chosen.clip_norm = 0;
  Trainer<float> trainer(model, chosen);
  CHECK_THROWS_AS(trainer.fit(train, test), Error);
  auto damaged = small_problem::network<float>();
  damaged.parameters()[0]->value(0) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH(Trainer<float>(damaged, options<float>()).fit(train, test),
                    ContainsText("diverged") && ContainsText("epoch"));
}

TEST_CASE("Data that do not fit the model are refused before training begins") {
  auto model = small_problem::network<float>();
  const auto before = bits(model);
  Trainer<float> trainer(model, options<float>());
  const Shape shape = small_problem::shape;
  const std::vector<float> pixels(36, 0.5F);
  CHECK_THROWS_AS(trainer.fit(data::Dataset("none", shape, std::vector<float>{}), test),
                  ArgumentError);
  CHECK_THROWS_AS(trainer.fit(train, data::Dataset("bare", shape, pixels)), ArgumentError);
  CHECK_THROWS_AS(trainer.fit(data::Dataset("tall", {9, 4, 1}, pixels, {0}), test), ShapeError);
  CHECK_THROWS_AS(trainer.fit(train, data::Dataset("many", shape, pixels, {3})), ShapeError);
  CHECK(bits(model) == before);
}

TEST_CASE("Options that make no sense are refused") {
  auto model = small_problem::network<float>();
  const auto make = [&](auto&& change) {
    auto chosen = options<float>();
    change(chosen);
    return Trainer<float>(model, chosen);
  };
  CHECK_THROWS_AS(make([](auto& o) { o.epochs = -1; }), ArgumentError);
  CHECK_THROWS_AS(make([](auto& o) { o.batch_size = 0; }), ArgumentError);
  CHECK_THROWS_AS(make([](auto& o) { o.power_iterations = -1; }), ArgumentError);
  CHECK_THROWS_AS(make([](auto& o) { o.threads = -1; }), ArgumentError);
}

TEST_CASE("No epochs at all only evaluate") {
  auto model = small_problem::network<float>();
  const auto before = bits(model);
  auto chosen = options<float>();
  chosen.epochs = 0;
  CHECK(Trainer<float>(model, chosen).fit(train, test).samples == 60);
  CHECK(bits(model) == before);
}

TEST_CASE("A short run on MNIST certifies more than luck could") {
  const auto split = data::mnist(real_data("mnist"));
  GloroModel<float> model({28, 28, 1},
                          {Conv2D<float>({.filters = 8, .kernel = 4, .stride = 2}), MinMax<float>(),
                           Conv2D<float>({.filters = 16, .kernel = 4, .stride = 2}),
                           MinMax<float>(), Dense<float>(50), MinMax<float>(), Dense<float>(10)},
                          1);
  TrainerOptions<float> chosen;
  chosen.epochs = 6;
  chosen.batch_size = 128;
  chosen.epsilon = Schedule("[0.01]-log-[50%:1.1]") * 0.3;
  chosen.loss = Trades{.lambda = 1.5};
  chosen.learning_rate = Schedule("[1]-[50%:1]-exp-[0.05]") * 3e-3;
  const Metrics metrics =
      Trainer<float>(model, chosen).fit(split.train.head(10000), split.test.head(2000));
  CAPTURE(metrics.clean_accuracy(), metrics.vra());
  CHECK(metrics.clean_accuracy() > 0.9);
  CHECK(metrics.vra() > 0.6);  // one label for all would have 0.11
}
