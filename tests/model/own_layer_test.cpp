// A user's own layer within a model: it trains, its gradient is right, and where the model needs what
// the layer leaves out, that is said in words.
#include "catch.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/loss/trades.hpp"
#include "gloro/testing/central_difference.hpp"
#include "gloro/train/detail/batch_gradient.hpp"
#include "gloro/train/trainer.hpp"
#include "layers/own_layer.hpp"

using namespace gloro;

namespace {

template <typename Scalar>
GloroModel<Scalar> network() {
  return GloroModel<Scalar>(Shape::flat(2),
                            {Dense<Scalar>(8), own::Squash<Scalar>(), Dense<Scalar>(2)}, 3);
}

/// Points in the plane; the class says on which side of a circle.
data::Dataset circle(Index samples, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> pixels;
  std::vector<int> labels;
  for (Index n = 0; n < samples; ++n) {
    const int label = n % 2 == 0 ? 1 : 0;
    const double radius = label == 1 ? random.uniform(1.2, 1.6) : random.uniform(0, 0.5);
    const double angle = random.uniform(0, 6.283);
    pixels.push_back(static_cast<float>(radius * std::cos(angle)));
    pixels.push_back(static_cast<float>(radius * std::sin(angle)));
    labels.push_back(label);
  }
  return {"circle", Shape::flat(2), std::move(pixels), std::move(labels), 2};
}

}  // namespace

TEST_CASE("A model with a user's own layer trains to certify what no straight line could tell") {
  auto model = network<float>();
  TrainerOptions<float> options;
  options.epochs = 60;
  options.batch_size = 50;
  options.epsilon = 0.1;
  options.learning_rate = 0.02;
  options.threads = 2;
  const Metrics metrics = Trainer<float>(model, options).fit(circle(500, 1), circle(200, 2));
  CAPTURE(metrics.clean_accuracy(), metrics.estimated_vra());
  CHECK(metrics.estimated_vra() > 0.8);
  CHECK(model.parameters()[2]->name == "gain");
  CHECK(model.parameters()[2]->value(0) != 1.5F);  // the layer's own parameter was trained

  // What the layer leaves out.
  CHECK_THROWS_AS(Certifier<float>(model), Error);
  CHECK_THROWS_WITH(Certifier<float>(model), ContainsText("layer 1"));
  CHECK_THROWS_AS(model.cast<double>(), Error);
  CHECK_THROWS_AS(model.layers()[1].describe(), Error);
}

TEST_CASE("The gradient of a loss passes a user's own layer, its Lipschitz constant included") {
  constexpr double step = 0x1p-18;
  auto model = network<double>();
  model.parameters()[2]->value(0) = -1.2;
  const auto dataset = circle(10, 3);
  const Loss<double> loss = Trades{.lambda = 2};
  Workers workers(1);
  const auto layers = [&] { return model.layer_lipschitz(); };
  const auto value = [&] {
    const auto terms = model.lipschitz_terms();
    const Tensor<double> y = model.logits(dataset.images<double>(0, 10));
    return loss({.logits = y.matrix(), .labels = dataset.labels(), .terms = terms, .epsilon = 0.1},
                nullptr) /
           10;
  };
  BatchGradient<double> batch(model);
  (void)batch.compute(
      layers(), [&](Index first, Index count) { return dataset.images<double>(first, count); },
      dataset.labels(), loss, 0.1, 1, workers);
  const auto parameters = model.parameters();
  for (std::size_t p = 0; p < parameters.size(); ++p)
    for (Index i = 0; i < parameters[p]->value.size(); ++i) {
      const double expected = testing::central_difference(parameters[p]->value(i), step, value);
      CHECK(std::abs(batch.gradients().views()[p].data()[i] - expected) <=
            1e-7 * (1 + std::abs(expected)));
    }
}
