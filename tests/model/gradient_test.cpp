// The gradient of every loss through the whole model, the Lipschitz path included, against central
// differences in double.
#include "catch.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/loss/cross_entropy.hpp"
#include "gloro/loss/emma.hpp"
#include "gloro/loss/lipschitz_margin.hpp"
#include "gloro/loss/trades.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/testing/central_difference.hpp"

using namespace gloro;

namespace {

constexpr double epsilon = 0.2, lambda_factor = 0.7;
constexpr double step = 0x1p-18;

struct Problem {
  GloroModel<double> model;
  Tensor<double> x;
  std::vector<int> labels;
};

Problem problem() {
  Random random(3);
  Problem made{GloroModel<double>(
                   {5, 5, 2},
                   {Conv2D<double>({.filters = 4, .kernel = 3, .stride = 2}), MinMax<double>(),
                    Scaling<double>(-1.25), Dense<double>(6), MinMax<double>(), Dense<double>(4)},
                   11),
               Tensor<double>({5, 5, 2}, 6),
               {0, 1, 2, 3, 1, 2}};
  for (auto* parameter : made.model.parameters())  // biases too; singular vectors not converged
    for (Index i = 0; i < parameter->value.size(); ++i)
      parameter->value(i) += 0.3 * random.normal();
  Workers workers(1);
  made.model.refresh_lipschitz(3, workers);
  for (Index i = 0; i < made.x.size(); ++i) made.x.data()[i] = random.normal();
  return made;
}

/// What a trainer computes for one batch: the sum of the losses, its gradients if they are wanted.
double evaluate(const Problem& at, const Loss<double>& loss, Gradients<double>* gradients,
                Tensor<double>* dx) {
  Tape<double> tape;
  const auto layers = at.model.layer_lipschitz();
  const auto terms = at.model.lipschitz_terms(layers);
  const Tensor<double> y = at.model.logits(at.x, {.tape = &tape});
  const LossInput<double> in{.logits = y.matrix(),
                             .labels = at.labels,
                             .terms = terms,
                             .epsilon = epsilon,
                             .lambda_factor = lambda_factor};
  if (!gradients) return loss(in, nullptr);
  Tensor<double> slope(y.shape(), y.batch());
  slope.matrix().setZero();
  LipschitzSlopes<double> by_terms{0, Matrix<double>::Zero(4, 4)};
  LossGradient<double> out{slope.matrix(), by_terms};
  const double value = loss(in, &out);
  CHECK(value == loss(in, nullptr));
  Workers workers(2);
  *dx = at.model.backward(std::move(slope), {.tape = tape, .gradients = gradients->views()});
  at.model.lipschitz_backward(by_terms, layers, gradients->views(), workers);
  return value;
}

}  // namespace

TEST_CASE("The gradient of every loss, through the logits and the Lipschitz constants, is right") {
  const std::vector<std::pair<std::string, Loss<double>>> losses{
      {"standard", StandardCrossEntropy{}},
      {"cross-entropy", CrossEntropy{}},
      {"trades kl", Trades{.lambda = 1.5}},
      {"trades ce", Trades{.lambda = 1.5, .divergence = Divergence::cross_entropy}},
      {"lipschitz margin", LipschitzMargin{}}};
  for (const auto& named : losses) {
    CAPTURE(named.first);
    const Loss<double>& loss = named.second;
    Problem at = problem();
    Gradients<double> gradients(std::as_const(at.model).parameters());
    Tensor<double> dx;
    const double value = evaluate(at, loss, &gradients, &dx);
    CHECK(std::isfinite(value));
    // The loss has size 10, rounding 100 u * 10 / step = 6e-9; step^2 is 1.5e-11.
    const auto check = [&](double& parameter, double found) {
      const double expected = testing::central_difference(
          parameter, step, [&] { return evaluate(at, loss, nullptr, nullptr); });
      CHECK(std::abs(found - expected) <= 1e-7 * (1 + std::abs(expected)));
    };
    const auto parameters = at.model.parameters();
    for (std::size_t p = 0; p < parameters.size(); ++p)
      for (Index i = 0; i < parameters[p]->value.size(); ++i)
        check(parameters[p]->value(i), gradients.views()[p].data()[i]);
    for (Index i = 0; i < at.x.size(); i += 7) check(at.x.data()[i], dx.data()[i]);
  }
}

TEST_CASE("The gradient of arbitrary functions of the Lipschitz terms is right") {
  Problem at = problem();
  Random random(9);
  Matrix<double> weights(4, 4);
  for (Index i = 0; i < 16; ++i) weights(i) = random.normal();
  const double of_network = random.normal();
  const auto value = [&] {
    const auto terms = at.model.lipschitz_terms();
    return terms.margin_constants.cwiseProduct(weights).sum() + of_network * terms.network;
  };
  Gradients<double> gradients(std::as_const(at.model).parameters());
  Workers workers(1);
  at.model.lipschitz_backward({.network = of_network, .margin_constants = weights},
                              at.model.layer_lipschitz(), gradients.views(), workers);
  const auto parameters = at.model.parameters();
  for (std::size_t p = 0; p < parameters.size(); ++p)
    for (Index i = 0; i < parameters[p]->value.size(); ++i) {
      const double expected = testing::central_difference(parameters[p]->value(i), step, value);
      CHECK(std::abs(gradients.views()[p].data()[i] - expected) <= 1e-6 * (1 + std::abs(expected)));
    }
}

TEST_CASE("Equal rows of the head, where K has a kink, pass no gradient through their distance") {
  Problem at = problem();
  at.model.parameters()[5]->value.row(1) = at.model.parameters()[5]->value.row(2);
  Gradients<double> gradients(std::as_const(at.model).parameters());
  LipschitzSlopes<double> slope{0, Matrix<double>::Zero(4, 4)};
  slope.margin_constants(1, 2) = 1;
  Workers workers(1);
  at.model.lipschitz_backward(slope, at.model.layer_lipschitz(), gradients.views(), workers);
  CHECK(gradients.flat().isZero(0));
}

TEST_CASE("Without views a backward pass still gives the gradient of the input") {
  const Problem at = problem();
  Tape<double> one, two;
  const Tensor<double> y = at.model.logits(at.x, {.tape = &one});
  (void)at.model.logits(at.x, {.tape = &two});
  Gradients<double> gradients(at.model.parameters());
  const auto with = at.model.backward(y, {.tape = one, .gradients = gradients.views()});
  const auto without = at.model.backward(y, {.tape = two});
  CHECK(with.matrix() == without.matrix());
  CHECK(one.empty());
  CHECK(two.empty());
}
