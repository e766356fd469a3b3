// Training with products in bfloat16: exact where nothing needs rounding, close to float elsewhere, the same
// bits on any number of threads and after a resume, for layers with such products and without.
#include "catch.hpp"

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "data/files.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/loss/trades.hpp"
#include "gloro/train/detail/batch_gradient.hpp"
#include "gloro/train/trainer.hpp"
#include "layers/own_layer.hpp"
#include "train/small_problem.hpp"

using namespace gloro;
using kernels::bfloat16::Unit;
using small_problem::bits;

namespace {

const data::Dataset train_set = small_problem::dataset(150, 1);
const data::Dataset test_set = small_problem::dataset(60, 2);

/// The network of the small problem with a layer of every kind between its own: products with MinMax of
/// neighbours and of halves, with none; pooling, a potential and a user's own layer between them; few
/// channels in the middle.
GloroModel<float> mixed_network() {
  return GloroModel<float>(
      small_problem::shape,
      {Conv2D<float>({.filters = 10, .kernel = 3}), MinMax<float>(),
       ResidualConv2D<float>({.kernel = 3}), MinMax<float>(MinMaxPairs::halves),
       Conv2D<float>({.filters = 4, .kernel = 1, .bias = false}),
       Conv2D<float>({.filters = 36, .kernel = 2, .stride = 2, .bias = false}), MinMax<float>(),
       ConvexPotential<float>(), AveragePooling2D<float>({.pool = 3, .stride = 1}),
       Residual<float>({.body = {Conv2D<float>({.filters = 8, .kernel = 1}), MinMax<float>(),
                                 Conv2D<float>({.filters = 36, .kernel = 3})}}),
       Parallel<float>(
           {.branches = {Dense<float>(12), Dense<float>(8)}, .join = Join::concatenate}),
       own::Squash<float>(), Dense<float>(DenseOptions{.units = 8, .bias = false}), MinMax<float>(),
       Dense<float>(small_problem::classes)},
      1);
}

Gradients<float> gradient(const GloroModel<float>& model, Products products, Index samples,
                          int threads = 1) {
  Workers workers(threads);
  BatchGradient<float> batch(model, Processes::alone(), 0, products);
  const auto gather = [&](Index first, Index count) {
    return train_set.images<float>(first, count);
  };
  const auto labels = std::span(train_set.labels()).first(static_cast<std::size_t>(samples));
  for (int again = 0; again < 2; ++again)  // nothing of an earlier batch may be left over
    (void)batch.compute(model.layer_lipschitz(), gather, labels, Trades{.lambda = 2}, 0.1F, 0.5,
                        workers);
  return batch.gradients();
}

/// Of products in bfloat16 on this machine: plain C++, and its own unit where it has one.
std::vector<Products> choices() {
  if (kernels::bfloat16::best_unit() == Unit::plain) return {Products::bfloat16_plain};
  return {Products::bfloat16_plain, Products::bfloat16};
}

TrainerOptions<float> options(Products products) {
  TrainerOptions<float> chosen;
  chosen.epochs = 3;
  chosen.batch_size = 64;
  chosen.epsilon = 0.05;
  chosen.learning_rate = Schedule::from(1).linear_to(0) * 0.01;
  chosen.seed = 3;
  chosen.threads = 1;
  chosen.products = products;
  return chosen;
}

std::vector<float> trained(const TrainerOptions<float>& chosen) {
  auto model = small_problem::network<float>();
  (void)Trainer<float>(model, chosen).fit(train_set, test_set);
  return bits(model);
}

}  // namespace

TEST_CASE("A pass in bfloat16 is exact where nothing needs rounding") {
  // Whole numbers: every sum, activation and gradient is one below 256.
  GloroModel<float> model({4, 4, 1}, {Conv2D<float>({.filters = 2, .kernel = 2}), MinMax<float>(),
                                      Dense<float>(4), MinMax<float>(), Dense<float>(3)});
  Random random(7);
  const auto whole = [&](std::uint64_t up_to) {
    return static_cast<float>(random.below(2 * up_to + 1)) - static_cast<float>(up_to);
  };
  for (auto* parameter : model.parameters())
    for (auto& value : parameter->value.reshaped()) value = whole(1);
  Tensor<float> x(model.input_shape(), 32), slope(Shape::flat(3), 32);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = whole(2);
  for (Index i = 0; i < slope.size(); ++i) slope.data()[i] = whole(1);

  Tape<float> tape;
  Gradients<float> expected(model.parameters());
  const Tensor<float> logits = model.logits(x, {.tape = &tape});
  (void)model.backward(slope, {.tape = tape, .gradients = expected.views()});
  CHECK(expected.flat().lpNorm<Eigen::Infinity>() > 0);
  Workers workers(1);
  for (const Products products : choices()) {
    INFO(text_of(products));
    const auto passes = training_passes(model, products);
    passes->prepare(workers);
    const auto pass = passes->pass();
    Gradients<float> gradients(model.parameters());
    gradients.flat().setConstant(std::nanf(""));
    pass->begin(gradients.views());
    for (int chunk = 0; chunk < 2; ++chunk) {
      CHECK(pass->logits(x).matrix() == logits.matrix());
      pass->backward(slope, gradients.views());
    }
    CHECK(gradients.flat() == 2 * expected.flat());
  }
}

TEST_CASE("The gradient of any network in bfloat16 is close to the one in float") {
  for (const auto& model : {small_problem::network<float>(), mixed_network()})
    for (const Index samples : {1, 40, 150}) {
      const Gradients<float> expected = gradient(model, Products::scalar, samples);
      for (const Products products : choices()) {
        INFO(text_of(products) << ", " << samples << " samples");
        const Gradients<float> found = gradient(model, products, samples);
        // A pair or a class that is nearly tied may be taken the other way round, and moves a lot at once.
        for (std::size_t i = 0; i < expected.views().size(); ++i) {
          INFO("parameter " << i);
          const auto difference = (found.views()[i] - expected.views()[i]).norm();
          CHECK(difference <= 0.2F * expected.views()[i].norm() + 1e-6F);
        }
        CHECK(found.flat() != expected.flat());  // it was rounded, so it was bfloat16
      }
    }
}

TEST_CASE("A gradient in bfloat16 has the same bits on 1, 2, 3 and 5 threads") {
  const auto model = mixed_network();
  for (const Products products : choices())
    for (const Index samples : {1, 40, 150}) {
      INFO(text_of(products) << ", " << samples << " samples");
      const Gradients<float> one = gradient(model, products, samples);
      for (const int threads : {2, 3, 5})
        CHECK(gradient(model, products, samples, threads).flat() == one.flat());
    }
}

TEST_CASE(
    "Training in bfloat16 learns, resumes bit for bit, and is another run than one in float") {
  const auto in_float = trained(options(Products::scalar));
  for (const Products products : choices()) {
    INFO(text_of(products));
    const auto chosen = options(products);
    const files::TemporaryDirectory directory;
    const std::filesystem::path file = directory / "run";
    auto model = small_problem::network<float>();
    auto stopping = chosen;
    int steps = 0;
    stopping.should_stop = [&] { return ++steps == 4; };
    Trainer<float> first(model, stopping);
    (void)first.fit(train_set, test_set);
    first.save_checkpoint(file);

    auto other = small_problem::network<float>();
    auto on_threads = chosen;
    on_threads.threads = 3;
    Trainer<float> resumed(other, on_threads);
    resumed.resume(file, train_set, test_set);
    const Metrics metrics = resumed.fit(train_set, test_set);
    CHECK((bits(other) == trained(chosen)));
    CHECK((bits(other) != in_float));
    CHECK(metrics.clean_accuracy() > 0.9);

    auto model_in_float = small_problem::network<float>();
    Trainer<float> elsewhere(model_in_float, options(Products::scalar));
    CHECK_THROWS_WITH(elsewhere.resume(file, train_set, test_set),
                      ContainsText("the products of a training pass") &&
                          ContainsText(text_of(products)) && ContainsText("the model's precision"));
  }
  if (choices().size() == 2)
    CHECK((trained(options(choices()[0])) != trained(options(choices()[1]))));
}

TEST_CASE("The last epochs of a run may be in the model's own precision") {
  auto chosen = options(Products::bfloat16_plain);
  chosen.products_share = 0;
  CHECK((trained(chosen) == trained(options(Products::scalar))));
  chosen.products_share = 1.0 / 3;
  CHECK(chosen.products_at(0.99) == Products::bfloat16_plain);
  CHECK(chosen.products_at(1) == Products::scalar);
  const auto mixed = trained(chosen);
  CHECK((mixed != trained(options(Products::scalar))));
  CHECK((mixed != trained(options(Products::bfloat16_plain))));
  for (const double share : {-0.1, 1.1, std::nan("")}) {
    chosen.products_share = share;
    CHECK_THROWS_AS(chosen.check(), ArgumentError);
  }
}

TEST_CASE("Automatic products are a unit that pays, or none, and one that is missing is named") {
  const Unit best = kernels::bfloat16::best_unit();
  CHECK_FALSE(unit_of(Products::scalar));
  CHECK(unit_of(Products::bfloat16_plain) == Unit::plain);
  CHECK_FALSE(kernels::bfloat16::pays(Unit::plain));
  if (best == Unit::amx) CHECK(kernels::bfloat16::pays(best));
  if (kernels::bfloat16::pays(best))
    CHECK(unit_of(Products::automatic) == best);
  else
    CHECK((trained(options(Products::automatic)) == trained(options(Products::scalar))));
  if (best != Unit::plain)
    CHECK(unit_of(Products::bfloat16) == best);
  else
    CHECK_THROWS_WITH(options(Products::bfloat16).check(), ContainsText("AMX, AVX512-BF16 or ARM"));
}

TEST_CASE("A model in double is not trained in bfloat16") {
  auto model = small_problem::network<double>();
  TrainerOptions<double> chosen;
  chosen.products = Products::bfloat16_plain;
  CHECK_THROWS_WITH(Trainer<double>(model, chosen), ContainsText("train one in float"));
  CHECK_THROWS_AS(chosen.check(), ArgumentError);
  // Automatic ones are in double there, and the run is not said to be another.
  CHECK_FALSE(unit_of<double>(Products::automatic));
  CHECK(text_of<double>(Products::automatic) == text_of<double>(Products::scalar));
}

TEST_CASE("A pass in bfloat16 refuses more samples than a tile has rows for") {
  const auto model = small_problem::network<float>();
  const auto passes = training_passes(model, Products::bfloat16_plain);
  Workers workers(1);
  passes->prepare(workers);
  CHECK_THROWS_WITH(passes->pass()->logits(train_set.images<float>(0, 33)),
                    ContainsText("at most 32 samples, got 33"));
}
