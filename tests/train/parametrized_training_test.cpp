// Training of layers that compute with what is made of their parameters: the gradient that a step takes,
// the bits on any number of threads and after a resume, and the network that is left at the end.
#include "catch.hpp"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <numeric>
#include <utility>
#include <vector>

#include "data/files.hpp"
#include "gloro/layers/grouped_conv2d.hpp"
#include "gloro/layers/orthogonal_dense.hpp"
#include "gloro/train/rules/sgd.hpp"
#include "gloro/train/trainer.hpp"
#include "train/small_problem.hpp"

using namespace gloro;
using small_problem::bits, small_problem::parametrized;

namespace {

const data::Dataset bright = small_problem::dataset(150, 1), unseen = small_problem::dataset(60, 2);

TrainerOptions<float> short_run(int threads) {
  TrainerOptions<float> chosen;
  chosen.epochs = 3;
  chosen.batch_size = 64;
  chosen.epsilon = 0.05;
  chosen.learning_rate = 0.02;
  chosen.clip_norm = 1;
  chosen.threads = threads;
  return chosen;
}

std::vector<Index> every_sample(const data::Dataset& dataset) {
  std::vector<Index> which(static_cast<std::size_t>(dataset.size()));
  std::iota(which.begin(), which.end(), Index{0});
  return which;
}

/// After the first epoch.
struct SaveAndStop {
  Trainer<float>& trainer;
  std::filesystem::path file;
  bool epoch(const EpochReport&) {
    trainer.save_checkpoint(file);
    return true;
  }
};

}  // namespace

TEST_CASE("A step of gradient descent moves parametrized weights down the loss") {
  // One step of SGD moves each weight by minus rate times its gradient, which is held against central
  // differences of the loss of the whole model, in double.
  constexpr double rate = 1;
  auto model = parametrized<double>();
  const auto original = model;
  TrainerOptions<double> chosen;
  chosen.epsilon = 0.05;
  chosen.power_iterations = 0;  // the singular vectors held
  chosen.learning_rate = rate;
  chosen.optimizer = Sgd{};
  chosen.batch_size = bright.size();
  const std::vector<Index> which = every_sample(bright);
  Trainer<double> trainer(model, chosen);
  (void)trainer.step(bright, which, 0);

  auto probe = original;
  Workers alone(1);
  const auto loss = [&] {
    probe.refresh_lipschitz(0, alone);
    const Tensor<double> logits = probe.logits(bright.batch<double>(which));
    const LipschitzTerms<double> terms = probe.lipschitz_terms();
    return chosen.loss({.logits = logits.matrix(),
                        .labels = bright.labels(which),
                        .terms = terms,
                        .epsilon = 0.05},
                       nullptr) /
           static_cast<double>(bright.size());
  };
  const auto before = original.parameters(), after = std::as_const(model).parameters();
  const auto probed = probe.parameters();
  for (std::size_t p = 0; p < probed.size(); ++p) {
    CAPTURE(p, probed[p]->name);
    for (Index i = 0; i < probed[p]->value.size(); i += 7) {
      constexpr double step = 0x1p-16;
      double& at = probed[p]->value(i);
      const double middle = at;
      at = middle + step;
      const double above = loss();
      at = middle - step;
      const double below = loss();
      at = middle;
      const double slope = (above - below) / (2 * step);
      const double moved = before[p]->value(i) - after[p]->value(i);
      CHECK(std::abs(moved - rate * slope) <= 1e-7 * (1 + std::abs(slope)));
    }
  }
}

TEST_CASE("Parametrized layers train the same bits on any number of threads, and after a resume") {
  const files::TemporaryDirectory directory;
  const auto file = directory / "run";
  const auto trained = [](int threads) {
    auto model = parametrized<float>();
    (void)Trainer<float>(model, short_run(threads)).fit(bright, unseen);
    return bits(model);
  };
  const auto one = trained(1);
  CHECK(trained(3) == one);
  auto untouched = parametrized<float>();
  CHECK(one != bits(untouched));

  auto model = parametrized<float>();
  Trainer<float> first(model, short_run(2));
  (void)first.fit(bright, unseen, SaveAndStop{first, file});
  auto again = parametrized<float>();
  Trainer<float> second(again, short_run(1));
  second.resume(file, bright, unseen);
  CHECK(second.epoch() == 1);
  (void)second.fit(bright, unseen);
  CHECK(bits(again) == one);
}

TEST_CASE("A network trained to be orthogonal is, and is a plain one with the same outputs") {
  auto model = parametrized<float>();
  (void)Trainer<float>(model, short_run(1)).fit(bright, unseen);
  const auto* orthogonal = model.layers()[2].as<OrthogonalDense<float>>();
  REQUIRE(orthogonal);
  CHECK(orthogonal->lipschitz_upper_bound() <= 1 + 2e-5);
  const GloroModel<float> plain = model.plain();
  CHECK_FALSE(plain.is_parametrized());
  CHECK(plain.layers()[2].as<Dense<float>>());
  CHECK(plain.layers()[0].as<Conv2D<float>>());
  const auto* residual = plain.layers()[5].as<Residual<float>>();
  REQUIRE(residual);
  const auto* branches = residual->body().layers()[0].as<Parallel<float>>();
  REQUIRE(branches);
  CHECK(branches->branches()[1].as<Dense<float>>());
  const Tensor<float> x = unseen.batch<float>(every_sample(unseen));
  CHECK(plain.logits(x).matrix() == model.logits(x).matrix());
}
