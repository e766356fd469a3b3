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
#include "gloro/core/error.hpp"
#include "gloro/data/mnist.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/grouped_conv2d.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/loss/cross_entropy.hpp"
#include "gloro/model/settle.hpp"
#include "gloro/train/keep_checkpoint.hpp"
#include "gloro/train/rules/nadam.hpp"
#include "gloro/train/rules/sgd.hpp"
#include "gloro/train/trainer.hpp"
#include "gloro/wording/optimizer.hpp"
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
  chosen.epsilon = Schedule::from(0.01).logarithmic_to(1.1, percent(50)) * 0.05;
  chosen.loss = Trades{.lambda = 1.5};
  chosen.learning_rate = Schedule::from(1).linear_to(0) * 0.01;
  chosen.clip_norm = 1;
  chosen.augmentation = {.flip = true, .noise = 0.05};
  chosen.seed = 3;
  chosen.threads = 1;
  return chosen;
}

/// Saves a checkpoint after one of the epochs.
template <typename Scalar>
struct SaveAfter {
  Trainer<Scalar>* trainer;
  Index epochs;
  fs::path path;
  void epoch(const EpochReport& report) {
    if (report.last.epoch + 1 == epochs) trainer->save_checkpoint(path);
  }
};

/// Leaves the state of a run after its first step in `file`, and returns its bits.
std::vector<float> stopped_after_one_step(TrainerOptions<float> chosen, const fs::path& file) {
  chosen.should_stop = [] { return true; };
  auto model = small_problem::network<float>();
  Trainer<float> trainer(model, chosen);
  (void)trainer.fit(train, test);
  trainer.save_checkpoint(file);
  return bits(model);
}

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
  for (const std::string rule : {"adam", "nadam", "muon", "sgd.0.9"}) {
    CAPTURE(rule);
    auto chosen = options<float>();
    chosen.optimizer = read_optimizer<float>(rule);
    const files::TemporaryDirectory directory;
    const fs::path file = directory / "run";
    auto straight = small_problem::network<float>();
    Trainer<float> whole(straight, chosen);
    const Metrics expected = whole.fit(train, test, SaveAfter<float>{&whole, 1, file});

    auto model = small_problem::network<float>();
    chosen.threads = 3;
    Trainer<float> resumed(model, chosen);
    resumed.resume(file, train, test);
    CHECK(resumed.epoch() == 1);
    const Metrics metrics = resumed.fit(train, test);
    CHECK(resumed.epoch() == 3);
    CHECK(bits(model) == bits(straight));
    CHECK(metrics.right_and_answered == expected.right_and_answered);
  }
}

TEST_CASE("A checkpoint of a run with other options is refused, and the run left as it was") {
  const files::TemporaryDirectory directory;
  const fs::path file = directory / "run";
  const auto model = stopped_after_one_step(options<float>(), file);
  using Change = std::function<void(TrainerOptions<float>&)>;
  const std::vector<std::pair<std::string, Change>> changes{
      {"the number of epochs\n  there: 3\n  here:  4", [](auto& o) { o.epochs = 4; }},
      {"the batch size\n  there: 64\n  here:  63", [](auto& o) { o.batch_size = 63; }},
      {"the seed", [](auto& o) { o.seed = 4; }},
      {"the schedule of epsilon", [](auto& o) { o.epsilon = 0.05; }},
      {"*0.05\n  here:  [0.01]-log-[50%:1.1]*0.1", [](auto& o) { o.epsilon = o.epsilon * 2; }},
      {"the epsilon of the test", [](auto& o) { o.test_epsilon = 0.2; }},
      {"the schedule of the learning rate", [](auto& o) { o.learning_rate = 0.01; }},
      {"the schedule of the loss's weight", [](auto& o) { o.lambda_factor = 0.5; }},
      {"the power iterations", [](auto& o) { o.power_iterations = 6; }},
      {"the largest norm of a gradient", [](auto& o) { o.clip_norm = 2; }},
      {"here:  nadam", [](auto& o) { o.optimizer = NAdam{}; }},
      {"the weight decay\n  there: 0\n  here:  0.1", [](auto& o) { o.weight_decay = 0.1; }},
      {"the lookahead\n  there: off\n  here:  every 5 steps at 0.5",
       [](auto& o) { o.lookahead.steps = 5; }},
      {"the augmentation\n  there: flip+noise:0.05\n",
       [](auto& o) { o.augmentation.flip = false; }},
      {"noise:0.06", [](auto& o) { o.augmentation.noise = 0.06; }},
      {"the loss", [](auto& o) { o.loss = Trades{.lambda = 1.50001}; }},
      {"the loss",
       [](auto& o) {
         o.loss = Trades{1.5, Divergence::cross_entropy};
       }},
      {"the loss", [](auto& o) { o.loss = CrossEntropy{}; }},
      {"the shards of a batch", [](auto& o) { o.shards = 2; }},
  };
  for (const auto& [words, change] : changes) {
    auto chosen = options<float>();
    change(chosen);
    CAPTURE(words);
    auto other = small_problem::network<float>();
    const auto before = bits(other);
    Trainer<float> trainer(other, chosen);
    CHECK_THROWS_AS(trainer.resume(file, train, test), FileError);
    CHECK_THROWS_WITH(trainer.resume(file, train, test),
                      ContainsText("another run: they differ in ") && ContainsText(words));
    CHECK(bits(other) == before);
    CHECK(trainer.epoch() == 0);
  }
  auto chosen = options<float>();  // how many threads is nobody's business
  chosen.threads = 2;
  auto same = small_problem::network<float>();
  Trainer<float>(same, chosen).resume(file, train, test);
  CHECK(bits(same) == model);
}

TEST_CASE("A checkpoint of a run with other data or another beginning is refused by name") {
  const files::TemporaryDirectory directory;
  const fs::path file = directory / "run";
  (void)stopped_after_one_step(options<float>(), file);
  const auto refused = [&](const std::string& words, GloroModel<float> model,
                           const data::Dataset& train_set, const data::Dataset& test_set) {
    const auto before = bits(model);
    Trainer<float> trainer(model, options<float>());
    CHECK_THROWS_WITH(trainer.resume(file, train_set, test_set), ContainsText(words));
    CHECK(bits(model) == before);
  };
  const auto network = [](AnyLayer<float> activation, std::uint64_t seed = 1) {
    return GloroModel<float>(
        small_problem::shape,
        {Conv2D<float>({.filters = 4, .kernel = 3, .stride = 2}), MinMax<float>(), Dense<float>(6),
         std::move(activation), Dense<float>(small_problem::classes)},
        seed);
  };
  refused("differ in the training data", small_problem::network<float>(),
          small_problem::dataset(150, 3), test);
  refused("150 samples of 6x6x1", small_problem::network<float>(), small_problem::dataset(151, 1),
          test);
  refused("differ in the test data", small_problem::network<float>(), train,
          small_problem::dataset(60, 3));
  refused("differ in the layers", network(ReLU<float>()), train, test);  // parts of the same sizes
  refused("differ in the initial weights", network(MinMax<float>(), 2), train, test);
  auto relaxed = network(MinMax<float>());
  relaxed.set_guarantee(Guarantee::top_k(2));
  refused("differ in the guarantee", relaxed, train, test);
  auto same = network(MinMax<float>());
  Trainer<float> trainer(same, options<float>());
  trainer.resume(file, train, test);
  CHECK_THROWS_WITH(trainer.fit(train, small_problem::dataset(60, 3)),
                    ContainsText("the test data"));
}

TEST_CASE("A run that no schedule bounds may be made longer and not shorter") {
  auto chosen = options<float>();
  chosen.epsilon = 0.05;
  chosen.learning_rate = 0.01;
  auto straight = small_problem::network<float>();
  (void)Trainer<float>(straight, chosen).fit(train, test);
  chosen.epochs = 2;
  const files::TemporaryDirectory directory;
  auto first = small_problem::network<float>(), second = first;
  Trainer<float> shorter(first, chosen);
  (void)shorter.fit(train, test);
  shorter.save_checkpoint(directory / "run");
  chosen.epochs = 3;
  Trainer<float> longer(second, chosen);
  longer.resume(directory / "run", train, test);
  (void)longer.fit(train, test);
  CHECK(bits(second) == bits(straight));
  chosen.epochs = 1;
  auto third = small_problem::network<float>();
  const auto beginning = bits(third);
  Trainer<float> too_short(third, chosen);
  CHECK_THROWS_WITH(too_short.resume(directory / "run", train, test),
                    ContainsText("after 2 epochs"));
  CHECK(bits(third) == beginning);
  CHECK(too_short.reports().empty());
  CHECK_NOTHROW((void)too_short.fit(train, test));
  // What was refused is forgotten.
  chosen.epochs = 3;
  auto fourth = small_problem::network<float>();
  Trainer<float> other(fourth, chosen);
  CHECK_THROWS_AS(other.resume(directory / "run", test, test), FileError);
  CHECK_NOTHROW(other.resume(directory / "run", train, test));
}

TEST_CASE("A model that is stopped between two steps computes with the weights that it has") {
  auto chosen = options<float>();
  chosen.augmentation = {};
  chosen.should_stop = [] { return true; };
  GloroModel<float> model(
      train.shape(),
      {GroupedConv2D<float>({.filters = 2, .kernel = 3}), Dense<float>(small_problem::classes)}, 1);
  (void)Trainer<float>(model, chosen).fit(train, test);
  GloroModel<float> again = model;
  settle_lipschitz(again);  // makes all anew of the parameters
  const Tensor<float> x = test.images(0, 8);
  CHECK(model.logits(x).matrix() == again.logits(x).matrix());
}

TEST_CASE(
    "A run that is stopped after any step gives the same bits and reports once it is resumed") {
  auto straight = small_problem::network<float>();
  Trainer<float> whole(straight, options<float>());
  (void)whole.fit(train, test);
  for (int stop = 1; stop <= 9; ++stop) {  // 3 steps an epoch, 3 epochs
    CAPTURE(stop);
    const files::TemporaryDirectory directory;
    auto chosen = options<float>();
    int steps = 0;
    chosen.should_stop = [&] { return ++steps == stop; };
    auto model = small_problem::network<float>();
    Trainer<float> stopped(model, chosen);
    CHECK(stopped.fit(train, test).samples == 0);
    CHECK(steps == stop);
    CHECK(stopped.epoch() == (stop - 1) / 3);
    CHECK(stopped.current().step == (stop - 1) % 3 + 1);
    stopped.save_checkpoint(directory / "run");

    auto again = small_problem::network<float>();
    Trainer<float> resumed(again, options<float>());
    resumed.resume(directory / "run", train, test);
    (void)resumed.fit(train, test);
    CHECK(bits(again) == bits(straight));
    REQUIRE(resumed.reports().size() == 3);
    for (std::size_t e = 0; e < 3; ++e) {
      CHECK(resumed.reports()[e].last.epoch == static_cast<Index>(e));
      CHECK(resumed.reports()[e].last.train.loss == whole.reports()[e].last.train.loss);
      CHECK(resumed.reports()[e].last.train.samples == 150);
      CHECK(resumed.reports()[e].test.answered == whole.reports()[e].test.answered);
      CHECK(resumed.reports()[e].lipschitz == whole.reports()[e].lipschitz);
    }
  }
}

TEST_CASE("A run without data yet has no checkpoint") {
  const files::TemporaryDirectory directory;
  auto model = small_problem::network<float>();
  CHECK_THROWS_WITH(Trainer<float>(model, options<float>()).save_checkpoint(directory / "run"),
                    ContainsText("known by its data"));
  CHECK_FALSE(fs::exists(directory / "run"));
}

TEST_CASE("Weights that overflow in the last step of an epoch end the run before it is told of") {
  auto model = small_problem::network<float>();
  auto chosen = options<float>();
  chosen.epochs = 1;
  chosen.loss = [](const LossInput<float>& in, LossGradient<float>* out) {
    if (out && in.logits.cols() < 32)  // the short batch at the end
      out->logits.setConstant(std::numeric_limits<float>::infinity());
    return 1.0;
  };
  chosen.clip_norm = 0;
  bool is_told = false;
  struct Told {
    bool& is_told;
    void epoch(const EpochReport&) { is_told = true; }
  };
  Trainer<float> trainer(model, chosen);
  CHECK_THROWS_WITH(trainer.fit(train, test, Told{is_told}), ContainsText("diverged"));
  CHECK_FALSE(is_told);
  const files::TemporaryDirectory directory;
  CHECK_THROWS_WITH(trainer.save_checkpoint(directory / "run"), ContainsText("diverged"));
  CHECK_FALSE(fs::exists(directory / "run"));
}

TEST_CASE("A finished run that is resumed trains no further, and reports the test set") {
  const files::TemporaryDirectory directory;
  const fs::path file = directory / "run";
  auto model = small_problem::network<float>();
  Trainer<float> trainer(model, options<float>());
  const Metrics metrics = trainer.fit(train, test);
  trainer.save_checkpoint(file);
  const auto before = bits(model);
  auto other = small_problem::network<float>();
  Trainer<float> resumed(other, options<float>());
  resumed.resume(file, train, test);
  CHECK(resumed.fit(train, test).right_and_answered == metrics.right_and_answered);
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
  CHECK(metrics.estimated_vra() > 0.8);
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
  CHECK(epochs.reports[2].test.right_and_answered == metrics.right_and_answered);
}

TEST_CASE("An observer stops a run after a step or an epoch, and all are told of it before") {
  struct StopAtStep {
    Index steps = 0;
    bool step(const StepReport&) { return ++steps == 4; }
  };
  struct StopAtEpoch {
    bool epoch(const EpochReport& report) { return report.last.epoch == 1; }
  };
  struct Count {
    Index steps = 0, epochs = 0;
    void step(const StepReport&) { ++steps; }
    void epoch(const EpochReport&) { ++epochs; }
  };
  auto model = small_problem::network<float>();
  {
    Trainer<float> trainer(model, options<float>());
    Count count;
    CHECK(trainer.fit(train, test, StopAtStep{}, count).samples == 0);
    CHECK(count.steps == 4);
    CHECK(count.epochs == 1);
    CHECK(trainer.epoch() == 1);
    CHECK(trainer.current().step == 1);
    (void)trainer.fit(train, test, count);  // goes on where it stopped
    CHECK(count.steps == 9);
    CHECK(count.epochs == 3);
  }
  Trainer<float> trainer(model, options<float>());
  Count count;
  Count* none = nullptr;
  const Metrics metrics = trainer.fit(train, test, StopAtEpoch{}, none, &count);
  CHECK(count.epochs == 2);
  CHECK(trainer.epoch() == 2);
  CHECK(metrics.right_and_answered == trainer.reports()[1].test.right_and_answered);
  CHECK(metrics.samples == 60);
}

TEST_CASE("A checkpoint that is kept after every epoch is of the last") {
  const files::TemporaryDirectory directory;
  const fs::path file = directory / "run";
  auto model = small_problem::network<float>();
  Trainer<float> trainer(model, options<float>());
  (void)trainer.fit(train, test, KeepCheckpoint(trainer, file));
  auto other = small_problem::network<float>();
  Trainer<float> resumed(other, options<float>());
  resumed.resume(file, train, test);
  CHECK(resumed.epoch() == 3);
  CHECK(bits(other) == bits(model));
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
  chosen.optimizer = Sgd{};
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
  chosen.epsilon = Schedule::from(0.01).logarithmic_to(1.1, percent(50)) * 0.3;
  chosen.loss = Trades{.lambda = 1.5};
  chosen.learning_rate = Schedule::from(1).hold_until(percent(50)).exponential_to(0.05) * 3e-3;
  const Metrics metrics =
      Trainer<float>(model, chosen).fit(split.train.head(10000), split.test.head(2000));
  CAPTURE(metrics.clean_accuracy(), metrics.estimated_vra());
  CHECK(metrics.clean_accuracy() > 0.9);
  CHECK(metrics.estimated_vra() > 0.6);  // one label for all would have 0.11
}
