// Training by several processes: the bits of one process, with any number of them; the figures too;
// a resume by another number; and what is refused.
#include "catch.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/files.hpp"
#include "gloro/train/rules/muon.hpp"
#include "gloro/train/trainer.hpp"
#include "parallel/threaded_processes.hpp"
#include "train/small_problem.hpp"

using namespace gloro;
using small_problem::bits;
namespace fs = std::filesystem;

namespace {

const data::Dataset train = small_problem::dataset(300, 1), test = small_problem::dataset(61, 2);

/// Batches of four shards, with one of two at the end.
TrainerOptions<float> options(Processes* processes = nullptr) {
  TrainerOptions<float> chosen;
  chosen.epochs = 2;
  chosen.batch_size = 120;
  chosen.epsilon = 0.05;
  chosen.learning_rate = 0.01;
  chosen.clip_norm = 1;
  chosen.augmentation = {.flip = true, .noise = 0.05};
  chosen.seed = 3;
  chosen.threads = 1;
  chosen.processes = processes;
  return chosen;
}

std::vector<std::string> no_errors(int processes) {
  return std::vector<std::string>(static_cast<std::size_t>(processes));
}

struct Reports {
  std::vector<EpochReport>& epochs;
  void epoch(const EpochReport& report) { epochs.push_back(report); }
};

}  // namespace

TEST_CASE("Any number of processes train the same bits, and report the same figures") {
  for (const Index shards : {0, 6}) {
    auto alone = small_problem::network<float>();
    std::vector<EpochReport> expected;
    auto chosen = options();
    chosen.shards = shards;
    (void)Trainer<float>(alone, chosen).fit(train, test, Reports{expected});
    for (const int processes : {2, 3, 4, 7}) {
      CAPTURE(shards, processes);
      std::vector<EpochReport> reports;
      const auto errors = threaded::run(processes, [&](Processes& process) {
        auto model = small_problem::network<float>();
        auto together = options(&process);
        together.shards = shards;
        together.threads = process.rank() % 2 + 1;
        const Metrics metrics = Trainer<float>(model, together).fit(train, test, Reports{reports});
        if (bits(model) != bits(alone)) throw Error("other bits");
        if (metrics.right_and_answered != expected.back().test.right_and_answered ||
            metrics.samples != 61)
          throw Error("other figures");
      });
      CHECK(errors == no_errors(processes));
      REQUIRE(reports.size() == expected.size());  // the first process alone tells observers
      for (std::size_t e = 0; e < reports.size(); ++e) {
        CHECK(reports[e].last.train.loss == expected[e].last.train.loss);
        CHECK(reports[e].last.train.samples == 300);
        CHECK(reports[e].test.answered == expected[e].test.answered);
      }
    }
  }
}

TEST_CASE("Processes gather the gradient of a parametrized layer before it is turned") {
  auto alone = small_problem::parametrized<float>();
  (void)Trainer<float>(alone, options()).fit(train, test);
  for (const int processes : {2, 5}) {
    const auto errors = threaded::run(processes, [&](Processes& process) {
      auto model = small_problem::parametrized<float>();
      (void)Trainer<float>(model, options(&process)).fit(train, test);
      if (bits(model) != bits(alone)) throw Error("other bits");
    });
    CHECK(errors == no_errors(processes));
  }
}

TEST_CASE("Processes gather the gradient of a matrix that is moved as a whole") {
  const auto with_muon = [](Processes* process) {
    auto chosen = options(process);
    chosen.clip_norm = 0;
    chosen.optimizer = Muon{};
    chosen.weight_decay = 0.1;
    chosen.lookahead = {.steps = 2};
    return chosen;
  };
  const auto wide = [] {  // a matrix of several pieces, of which processes have some
    return GloroModel<float>(train.shape(), {Dense<float>(300), MinMax<float>(), Dense<float>(40),
                                             MinMax<float>(), Dense<float>(train.classes())});
  };
  auto alone = wide();
  (void)Trainer<float>(alone, with_muon(nullptr)).fit(train, test);
  for (const int processes : {2, 5}) {
    const auto errors = threaded::run(processes, [&](Processes& process) {
      auto model = wide();
      (void)Trainer<float>(model, with_muon(&process)).fit(train, test);
      if (bits(model) != bits(alone)) throw Error("other bits");
    });
    CHECK(errors == no_errors(processes));
  }
}

TEST_CASE("Another number of shards is another sum, and another run") {
  auto model = small_problem::network<float>(), other = small_problem::network<float>();
  auto chosen = options();
  const files::TemporaryDirectory directory;
  const fs::path file = directory / "run";
  Trainer<float> eight(model, chosen);
  (void)eight.fit(train, test);
  eight.save_checkpoint(file);
  chosen.shards = 16;
  Trainer<float> sixteen(other, chosen);
  CHECK_THROWS_WITH(sixteen.resume(file, train, test),
                    ContainsText("the shards of a batch\n  there: by its size\n  here:  16"));
  (void)sixteen.fit(train, test);
  CHECK(bits(model) != bits(other));
  chosen.shards = -1;
  CHECK_THROWS_AS(Trainer<float>(other, chosen), ArgumentError);
}

TEST_CASE("A run is resumed by another number of processes, from the file of the first") {
  auto straight = small_problem::network<float>();
  (void)Trainer<float>(straight, options()).fit(train, test);
  for (const auto& [before, after] : {std::pair{1, 3}, {4, 2}, {3, 1}}) {
    CAPTURE(before, after);
    const files::TemporaryDirectory directory;
    const fs::path file = directory / "run";
    struct Save {
      Trainer<float>& trainer;
      fs::path path;
      void epoch(const EpochReport& report) {
        if (report.last.epoch == 0) trainer.save_checkpoint(path);
      }
    };
    CHECK(threaded::run(before, [&](Processes& process) {
            auto model = small_problem::network<float>();
            Trainer<float> trainer(model, options(&process));
            (void)trainer.fit(train, test, Save{trainer, file});
          }) == no_errors(before));
    CHECK(threaded::run(after, [&](Processes& process) {
            auto model = small_problem::network<float>();
            Trainer<float> trainer(model, options(&process));
            // Only the first has it, as on machines without a common file system.
            trainer.resume(process.is_first() ? file : fs::path("nowhere"), train, test);
            (void)trainer.fit(train, test);
            if (trainer.epoch() != 2 || bits(model) != bits(straight)) throw Error("other bits");
          }) == no_errors(after));
  }
}

TEST_CASE("Processes stop together where one is told to and others go on to the same bits") {
  auto straight = small_problem::network<float>();
  (void)Trainer<float>(straight, options()).fit(train, test);
  const files::TemporaryDirectory directory;
  const fs::path file = directory / "run";
  CHECK(threaded::run(3, [&](Processes& process) {
          auto model = small_problem::network<float>();
          auto chosen = options(&process);
          int steps = 0;  // 3 an epoch
          chosen.should_stop = [&] { return ++steps == 5 && process.rank() == 2; };
          Trainer<float> trainer(model, chosen);
          (void)trainer.fit(train, test);
          trainer.save_checkpoint(file);
          if (trainer.epoch() != 1 || trainer.current().step != 2) throw Error("stopped elsewhere");
        }) == no_errors(3));
  for (const int after : {1, 2})
    CHECK(threaded::run(after, [&](Processes& process) {
            auto model = small_problem::network<float>();
            Trainer<float> trainer(model, options(&process));
            trainer.resume(file, train, test);
            (void)trainer.fit(train, test);
            if (bits(model) != bits(straight)) throw Error("other bits");
          }) == no_errors(after));
}

TEST_CASE("Processes that were not started alike refuse to begin, and say what differs") {
  using Change = std::function<void(TrainerOptions<float>&)>;
  const auto refusal = [&](const Change& change, std::uint64_t seed, const data::Dataset& set,
                           const data::Dataset& test_set) {
    const auto errors = threaded::run(3, [&](Processes& process) {
      const bool is_odd_one = process.rank() == 1;
      auto model = small_problem::network<float>(is_odd_one ? seed : 1);
      const auto before = bits(model);
      auto chosen = options(&process);
      if (is_odd_one) change(chosen);
      try {
        (void)Trainer<float>(model, chosen)
            .fit(is_odd_one ? set : train, is_odd_one ? test_set : test);
      } catch (const Error& error) {
        throw Error(message(bits(model) == before ? "" : "trained, then: ", error.what()));
      }
    });
    CHECK(errors[1] == errors[0]);
    CHECK(errors[2] == errors[0]);
    return errors[0];
  };
  const auto nothing = [](auto&) {};
  CHECK_THAT(refusal(nothing, 2, train, test), ContainsText("they differ in the initial weights"));
  const std::string data = refusal(nothing, 1, small_problem::dataset(300, 9), test);
  CHECK_THAT(data, ContainsText("the training data") && ContainsText("process 1: bright rows"));
  CHECK_THAT(refusal(nothing, 1, train, small_problem::dataset(60, 2)),
             ContainsText("the test data") && ContainsText("60 samples"));
  CHECK_THAT(refusal([](auto& o) { o.learning_rate = 0.02; }, 1, train, test),
             ContainsText("the schedule of the learning rate\n  process 0: [1]*0.01\n") &&
                 ContainsText("process 1: [1]*0.02"));
  CHECK_THAT(refusal([](auto& o) { o.test_epsilon = 0.2; }, 1, train, test),
             ContainsText("the epsilon of the test"));
  CHECK_THAT(refusal([](auto& o) { o.shards = 5; }, 1, train, test),
             ContainsText("the shards of a batch"));
  CHECK_THAT(refusal([](auto& o) { o.loss = Trades{.lambda = 3}; }, 1, train, test),
             ContainsText("the loss"));
  CHECK(refusal([](auto& o) { o.threads = 2; }, 1, train, test).empty());
}

TEST_CASE("A process whose weights have drifted from the others' ends the run") {
  const auto errors = threaded::run(2, [&](Processes& process) {
    auto model = small_problem::network<float>();
    Trainer<float> trainer(model, options(&process));
    struct Meddle {
      GloroModel<float>& model;
      void step(const StepReport&) { model.parameters()[0]->value(0) += 1e-3F; }
    };
    (void)trainer.fit(train, test, Meddle{model});  // the first process alone is told of steps
  });
  CHECK_THAT(errors[0], ContainsText("process 1 came to other weights"));
  CHECK(errors[1] == errors[0]);
}
