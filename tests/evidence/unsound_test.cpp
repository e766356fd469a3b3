// Evidence of networks on which an unsound certifier shows: tests/mutation/evidence.txt makes this one
// unsound in a dozen ways, and each is found here by gloro-check.
#include <vector>

#include "case.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/parallel/workers.hpp"

using namespace gloro;
using examples::Case;
using examples::Images;

namespace {

/// Dense layers one after the other, the last one the head; weights and biases in turn.
GloroModel<float> chain(const std::vector<Matrix<float>>& values) {
  std::vector<AnyLayer<float>> layers;
  for (std::size_t p = 0; p < values.size(); p += 2)
    layers.push_back(Dense<float>(values[p].rows()));
  GloroModel<float> model({1, values[0].cols(), 1}, std::move(layers));
  const auto parameters = model.parameters();
  REQUIRE(parameters.size() == values.size());
  for (std::size_t p = 0; p < values.size(); ++p) parameters[p]->value = values[p];
  return model;
}

Matrix<float> matrix(Index rows, Index columns, const std::vector<float>& values) {
  return Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      values.data(), rows, columns);
}
Matrix<float> both(float value) { return Matrix<float>::Constant(2, 1, value); }
Matrix<float> diagonal(float value) { return value * Matrix<float>::Identity(2, 2); }

/// Pairs of pixels, the first a little brighter in one half of them.
Images pairs() {
  Images images{{1, 2, 1}, {}};
  for (int n = 0; n < 250; n += 3) {
    images.bytes.push_back(static_cast<std::uint8_t>(n % 2 == 0 ? n + 5 : n));
    images.bytes.push_back(static_cast<std::uint8_t>(n % 2 == 0 ? n : n + 5));
  }
  return images;
}

constexpr float large = 0x1p58F;  // next to it a double is a multiple of 64

void check_that_it_holds(const Case& example) {
  const auto opinion = example.opinion();
  INFO(opinion.words);
  CHECK(opinion.verdict == check::holds);
}

}  // namespace

TEST_CASE("evidence of a convolutional network holds") {
  GloroModel<float> model({8, 8, 1},
                          {Conv2D<float>({.filters = 6, .kernel = 3}), MinMax<float>(),
                           Conv2D<float>({.filters = 8, .kernel = 4, .stride = 2}), MinMax<float>(),
                           Dense<float>(16), MinMax<float>(), Dense<float>(5)},
                          11);
  examples::draw_biases(model);
  Workers workers(1);
  model.refresh_lipschitz(5, workers);  // near the norms, and below them
  const Case example(model, examples::random_images({8, 8, 1}, 60));
  CHECK(example.answers() > 50);
  check_that_it_holds(example);
}

TEST_CASE("evidence of a network whose float and double logits are absorbed by biases holds") {
  check_that_it_holds(
      Case(chain({diagonal(64), both(large), diagonal(1), both(-large), diagonal(1), both(0)}),
           pairs()));
}

TEST_CASE("evidence of a network that stretches what was absorbed holds") {
  check_that_it_holds(
      Case(chain({diagonal(64), both(large), matrix(1, 2, {1, -1}), matrix(1, 1, {0}),
                  matrix(1, 1, {1000}), matrix(1, 1, {0}), matrix(2, 1, {1, -1}), both(0)}),
           pairs()));
}

TEST_CASE("evidence of a head whose biases absorb its logits holds") {
  check_that_it_holds(Case(chain({diagonal(64), both(large)}), pairs()));
}

TEST_CASE("evidence of a network with ties holds") {
  const Case example(chain({matrix(3, 2, {1, 0, 1, 0, 0, 1}), matrix(3, 1, {0, 0, 0})}), pairs());
  CHECK(example.answers() < 50);  // half of them are ties
  CHECK(example.answers() > 30);
  check_that_it_holds(example);
}
