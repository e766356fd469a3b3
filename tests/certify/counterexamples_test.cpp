// The published ways in which certificates were wrong, each answered by an abstention or by a
// smaller, true radius.
#include "catch.hpp"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <cmath>
#include <limits>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/rounding/product.hpp"
#include "networks.hpp"

using namespace gloro;
using networks::column;
using networks::linear;
using networks::point;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();

Matrix<float> identity(Index n, float factor = 1) { return factor * Matrix<float>::Identity(n, n); }

/// Dense layers one after the other, the last one the head; weights and biases in turn.
GloroModel<float> chain(const std::vector<Matrix<float>>& values) {
  std::vector<AnyLayer<float>> layers;
  for (std::size_t p = 0; p < values.size(); p += 2)
    layers.push_back(Dense<float>(values[p].rows()));
  GloroModel<float> model(Shape::flat(values[0].cols()), std::move(layers));
  networks::set_parameters<float>(model, values);
  return model;
}

/// While it lives, denormal results are flushed to zero and denormal operands read as zero.
class DenormalsOff {
 public:
#if defined(__SSE__)
  DenormalsOff() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040U); }
  ~DenormalsOff() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#endif
};

}  // namespace

TEST_CASE("a tie is not certified, however many logits are equal") {
  const Matrix<float> weight = column<float>({1, 1, 0.5F});  // ties at x > 0
  const Certifier<float> certifier(linear<float>(weight, column<float>({0, 0, 0})));
  for (const float x : {0.0F, 1.0F, 1e-30F, 1e30F}) {
    CHECK(certifier.certify_image(point<float>({x})).abstains());
    CHECK(certifier.certify_image(point<float>({x})).radius == 0);
    CHECK(certifier.certify_image(point<float>({x}), {.epsilon = 0}).abstains());
  }
  const Certifier<float> zero(linear<float>(Matrix<float>::Zero(2, 3), column<float>({0, 0})));
  CHECK(zero.certify_image(point<float>({1, 2, 3})).abstains());
}

TEST_CASE("power iteration's blind spot does not reach a certificate") {
  // diag(1000, 1): started at (0, 1), the estimate is 1 for ever.
  GloroModel<float> model(Shape::flat(2), {Dense<float>(2), Dense<float>(2)});
  networks::set_parameters<float>(
      model, {column<float>({1000, 1}).asDiagonal(), column<float>({0, 0}), identity(2),
              column<float>({0, 0})});
  model.state()[0]->value = column<float>({0, 1});
  Workers workers(1);
  model.refresh_lipschitz(100, workers);
  REQUIRE(model.layers()[0].lipschitz() == 1);
  const Certifier<float> certifier(model);
  CHECK(certifier.margin_constants()(0, 1) >= 1000 * std::sqrt(2.0));
  // logits (1000 a, b): the boundary passes within 1e-3 of (0.001, 0).
  const auto answer = certifier.certify_image(point<float>({0.001F, 0}));
  CHECK(answer.label == 0);
  CHECK(answer.radius <= 0.001);
}

TEST_CASE("absorption: biases that swallow the signal do not certify what they lost") {
  const auto shift = column<float>({1e8F, 1e8F});
  const Certifier<float> certifier(
      chain({identity(2), shift, identity(2), -shift, identity(2), column<float>({0, 0})}));
  const auto x = point<float>({4.1F, 0}), moved = point<float>({3.9F, 4.1F});
  // The float logits are (8, 0) and (0, 8).
  REQUIRE(certifier.model().logits(x).data()[0] == 8);
  REQUIRE(certifier.model().logits(moved).data()[1] == 8);

  const auto best = certifier.certify_image(x);
  CHECK(best.label == 0);
  CHECK(best.radius <= 4.1F / std::sqrt(2.0));
  CHECK(best.radius >= 0.99 * 4.1 / std::sqrt(2.0));  // double is good enough
  CHECK(certifier.certify_image(x, {.epsilon = 3}).abstains());
  CHECK(certifier.certify_image(x, {.epsilon = 5}).abstains());
  CHECK(certifier.certify_image(x, {.epsilon = 2.8}).label == 0);
  const auto other = certifier.certify_image(moved);
  CHECK(other.label == 1);
  CHECK(other.radius <= (4.1 - 3.9) / std::sqrt(2.0) + 1e-6);

  Workers workers(1);
  Tensor<float> both(Shape::flat(2), 2);
  both.matrix() << 4.1F, 3.9F, 0, 4.1F;
  const auto answers = certifier.certify(both, {.epsilon = 0.1, .workers = &workers});
  CHECK(answers.needed_double == 2);
  CHECK(answers.answers[0].label == 0);
  CHECK(answers.answers[1].label == 1);
}

TEST_CASE("absorption counts as much as the layers after it stretch it") {
  // As above, and then a thousandfold: float's logits are (0, 8000), the real ones (3900, 4100).
  const auto shift = column<float>({1e8F, 1e8F}), none = column<float>({0, 0});
  const Certifier<float> certifier(
      chain({identity(2), shift, identity(2), -shift, identity(2, 1000), none, identity(2), none}));
  const auto x = point<float>({3.9F, 4.1F});
  REQUIRE(certifier.model().logits(x).data()[1] == 8000);
  CHECK(certifier.certify_image(x).label == 1);
  CHECK(certifier.certify_image(x).radius <= (4.1 - 3.9) / std::sqrt(2.0) + 1e-6);
  CHECK(certifier.certify_image(x, {.epsilon = 1}).abstains());
  CHECK(certifier.certify_image(x, {.epsilon = 0.1}).label == 1);
}

TEST_CASE("absorption by the head's own biases is not certified") {
  const Certifier<float> certifier(linear<float>(identity(2), column<float>({1e8F, 1e8F})));
  const auto x = point<float>({3.9F, 4.1F});
  const auto logits = certifier.model().logits(x);
  REQUIRE(logits.data()[1] - logits.data()[0] == 8);
  CHECK(certifier.certify_image(x).radius <= (4.1 - 3.9) / std::sqrt(2.0) + 1e-6);
  CHECK(certifier.certify_image(x, {.epsilon = 1}).abstains());
  CHECK(certifier.certify_image(x, {.epsilon = 0.1}).label == 1);
}

TEST_CASE("absorption beyond double is an abstention") {
  const auto shift = column<float>({1e20F, 1e20F});
  const Certifier<float> certifier(
      chain({identity(2), shift, identity(2), -shift, identity(2), column<float>({0, 0})}));
  CHECK(certifier.certify_image(point<float>({4.1F, 0})).abstains());
  CHECK(certifier.certify_image(point<float>({4.1F, 0}), {.epsilon = 0}).abstains());
}

TEST_CASE("norms whose product underflows in float do not certify everything") {
  const auto none = column<float>({0, 0});
  const Certifier<float> certifier(
      chain({identity(2, 1e-25F), none, identity(2, 1e-25F), none, identity(2, 1e38F), none}));
  const double k = double{1e-25F} * double{1e-25F} * double{1e38F} * std::sqrt(2.0);
  CHECK(certifier.margin_constants()(0, 1) >= k);
  CHECK(certifier.margin_constants()(0, 1) <= 1.001 * k);
  const auto answer = certifier.certify_image(point<float>({1, 0}));
  CHECK(answer.label == 0);
  CHECK(answer.radius <= 1 / std::sqrt(2.0));
  CHECK(answer.radius >= 0.99 / std::sqrt(2.0));
  CHECK(certifier.certify_image(point<float>({1, 0}), {.epsilon = 0.75}).abstains());
  CHECK(certifier.certify_image(point<float>({1, 0}), {.epsilon = 0.5}).label == 0);
}

TEST_CASE("norms whose product leaves double's range in between give a true product") {
  const std::vector<double> down(20, 1e-30), up(20, 1e30);
  std::vector<double> all = down;
  all.insert(all.end(), up.begin(), up.end());
  CHECK(rounding::product_up(all) >= 1);
  CHECK(rounding::product_up(all) <= 1 + 1e-13);
  CHECK(rounding::product_up(down) > 0);  // 1e-600
  CHECK(rounding::product_up(down) <= std::numeric_limits<double>::min());
  CHECK(rounding::product_up(up) == infinity);
  CHECK(rounding::product_up({}) >= 1);
  all[3] = 0;
  CHECK(rounding::product_up(all) == 0);
  all[5] = infinity;  // zero times unknown
  CHECK(rounding::product_up(all) == infinity);
  all[5] = std::nan("");
  CHECK(rounding::product_up(all) == infinity);
}

TEST_CASE("overflow in float is left to double, overflow in double abstains") {
  const auto none = column<float>({0, 0});
  const auto x = point<float>({1, 0});
  const Certifier<float> certifier(
      chain({identity(2, 1e20F), none, identity(2, 1e20F), none, identity(2), none}));
  REQUIRE(std::isinf(certifier.model().logits(x).data()[0]));
  CHECK(certifier.certify_image(x).label == 0);
  CHECK(certifier.certify_image(x).radius <= 1 / std::sqrt(2.0));
  CHECK(certifier.certify_image(x, {.epsilon = 0.5}).label == 0);
  CHECK(certifier.certify_image(x, {.epsilon = 0.8}).abstains());

  std::vector<Matrix<float>> long_chain;
  for (int l = 0; l < 20; ++l) {
    long_chain.push_back(identity(2, 1e20F));
    long_chain.push_back(none);
  }
  const Certifier<float> beyond(chain(long_chain));
  CHECK(beyond.certify_image(x).abstains());
  CHECK(beyond.certify_image(x, {.epsilon = 0}).abstains());
}

TEST_CASE("an infinity that ReLU hides is found before it is hidden") {
  // The hidden unit is 1e37 at (1, 1, 1, 1). Float, summing from the left, overflows to -infinity,
  // which ReLU makes 0: then class 1 leads with a healthy margin.
  Matrix<float> unit(1, 4);
  unit << -3e38F, -3e38F, 3e38F, 3.1e38F;
  GloroModel<float> model(Shape::flat(4), {Dense<float>(1), ReLU<float>(), Dense<float>(2)});
  networks::set_parameters<float>(
      model, {unit, column<float>({0}), column<float>({1e-37F, 0}), column<float>({0, 0.5F})});
  const Certifier<float> certifier(model);
  const auto x = point<float>({1, 1, 1, 1});
  CHECK(certifier.certify_image(x, {.epsilon = 0}).label == 0);
  CHECK(certifier.certify_image(x).label == 0);
}

TEST_CASE("an infinity that max pooling passes over is found before it is gone") {
  // The same unit at two pixels, of which one is black: float pools -infinity and 0, and class 1 leads.
  Matrix<float> unit(1, 4);
  unit << -3e38F, -3e38F, 3e38F, 3.1e38F;
  GloroModel<float> model({1, 2, 4}, {Conv2D<float>({.filters = 1, .kernel = 1}),
                                      MaxPooling2D<float>({.pool = {1, 2}}), Dense<float>(2)});
  networks::set_parameters<float>(
      model, {unit, column<float>({0}), column<float>({1e-37F, 0}), column<float>({0, 0.5F})});
  const Certifier<float> certifier(model);
  const auto x = point<float>({1, 1, 1, 1, 0, 0, 0, 0}).reshaped({1, 2, 4});
  CHECK(certifier.certify_image(x, {.epsilon = 0}).label == 0);
  CHECK(certifier.certify_image(x).label == 0);
}

TEST_CASE("a logit that overflows does not lend its rival an infinite margin") {
  // The same sum in the head: over the reals class 0 leads by 1e37, in float it is at -infinity.
  Matrix<float> weight = Matrix<float>::Zero(2, 4);
  weight.row(0) << -3e38F, -3e38F, 3e38F, 3.1e38F;
  const Certifier<float> certifier(linear<float>(weight, column<float>({0, 0})));
  const auto x = point<float>({1, 1, 1, 1});
  CHECK(certifier.certify_image(x).label == 0);
  CHECK(certifier.certify_image(x, {.epsilon = 0}).label == 0);
}

TEST_CASE("an absorbed bias is found again, and a head with equal rows never changes its mind") {
  Matrix<float> weight = Matrix<float>::Constant(2, 2, 3e4F);
  const Certifier<float> certifier(linear<float>(weight, column<float>({0, 16})));
  const auto x = point<float>({1e4F, 1e4F});
  REQUIRE(certifier.model().logits(x).data()[0] == certifier.model().logits(x).data()[1]);
  CHECK(certifier.margin_constants()(0, 1) == 0);
  const auto answer = certifier.certify_image(x);
  CHECK(answer.label == 1);  // the real margin is 16 everywhere
  CHECK(answer.radius == infinity);
  CHECK(certifier.certify_image(x, {.epsilon = 1e300}).label == 1);
  CHECK(certifier.certify_image(x, {.epsilon = infinity}).label == 1);
  const auto reverse = Certifier<float>(linear<float>(weight, column<float>({0, 0})));
  CHECK(reverse.certify_image(x).abstains());
}

TEST_CASE("NaN and infinite weights or inputs certify nothing") {
  Matrix<float> weight(2, 2);
  weight << 1, 0, 0, 1;
  const Certifier<float> sound(linear<float>(weight, column<float>({0, 0})));
  for (const float bad : {not_a_number, infinite, -infinite})
    for (const bool first : {true, false}) {
      const auto x = first ? point<float>({bad, 0}) : point<float>({1, bad});
      CHECK(sound.certify_image(x).abstains());
      CHECK(sound.certify_image(x, {.epsilon = 0}).abstains());
      CHECK(sound.certify_image(x, {.epsilon = 1e-6}).abstains());
    }
  for (const float bad : {not_a_number, infinite, -infinite}) {
    Matrix<float> damaged = weight;
    damaged(1, 0) = bad;
    const auto x = point<float>({3, 1});
    CHECK(Certifier<float>(linear<float>(damaged, column<float>({0, 0})))
              .certify_image(x)
              .abstains());
    CHECK(Certifier<float>(linear<float>(weight, column<float>({0, bad})))
              .certify_image(x)
              .abstains());
    // In a row or column that meets nothing but zeros, and before ReLU, which could hide it.
    GloroModel<float> model(Shape::flat(2), {Dense<float>(2), ReLU<float>(), Dense<float>(2)});
    networks::set_parameters<float>(
        model, {damaged, column<float>({0, 0}), weight, column<float>({0, 0})});
    const Certifier<float> hidden(model);
    CHECK(hidden.certify_image(x).abstains());
    CHECK(hidden.certify_image(point<float>({0, 1})).abstains());
    CHECK(hidden.certify_image(x, {.epsilon = 0}).abstains());
    CHECK(hidden.certify_image(point<float>({0, 1}), {.epsilon = 0}).abstains());
  }
}

TEST_CASE("denormal signals are told apart by double, in any floating-point mode") {
  // logits 1e-40 (a, b): denormal in float.
  const Certifier<float> certifier(chain(
      {identity(2, 1e-30F), column<float>({0, 0}), identity(2, 1e-10F), column<float>({0, 0})}));
  const auto x = point<float>({1, 0.5F});
  const double truth = 0.5 / std::sqrt(2.0);
  const auto check = [&](const Certifier<float>& which) {
    const auto best = which.certify_image(x);
    CHECK(best.label == 0);
    CHECK(best.radius <= truth);
    CHECK(best.radius >= 0.99 * truth);
    CHECK(which.certify_image(x, {.epsilon = 0.3}).label == 0);
    CHECK(which.certify_image(x, {.epsilon = 0.4}).abstains());
  };
  check(certifier);
  const DenormalsOff flushed;
  check(certifier);
}

TEST_CASE("denormal weights and pixels count, also where the caller reads them as zero") {
  Matrix<float> weight(2, 2);
  weight << 1e-40F, 0, 0, 2e-40F;
  const auto x = point<float>({1, 1});
  const double truth = 1 / std::sqrt(5.0);  // (2 - 1) 1e-40 over || (1, -2) || 1e-40
  const DenormalsOff flushed;
  const Certifier<float> certifier(linear<float>(weight, column<float>({0, 0})));
  CHECK(certifier.certify_image(x).label == 1);
  CHECK(certifier.certify_image(x).radius <=
        truth * (1 + 1e-4));  // the weights are rounded to 1e-45
  CHECK(certifier.certify_image(x).radius >= 0.99 * truth);

  const Certifier<float> plain(linear<float>(identity(2), column<float>({0, 0})));
  const auto pixels = point<float>({3e-40F, 1e-40F});
  CHECK(plain.certify_image(pixels).label == 0);
  CHECK(plain.certify_image(pixels).radius <= 2.001e-40 / std::sqrt(2.0));
}

TEST_CASE("epsilon must be a number that is not negative") {
  const Certifier<float> certifier(linear<float>(identity(2), column<float>({0, 0})));
  const auto x = point<float>({1, 0});
  Workers workers(1);
  for (const double bad : {-1e-300, -1.0, -infinity, std::nan("")}) {
    CHECK_THROWS_AS(certifier.certify_image(x, {.epsilon = bad}), ArgumentError);
    CHECK_THROWS_AS(certifier.certify(x, {.epsilon = bad, .workers = &workers}), ArgumentError);
  }
  CHECK(certifier.certify_image(x, {.epsilon = 0}).label == 0);
  CHECK(certifier.certify_image(x, {.epsilon = 0}).radius > 0.7);
  CHECK(certifier.certify_image(x, {.epsilon = infinity}).abstains());
  CHECK(certifier.certify_image(x, {.epsilon = 1e308}).abstains());
}

TEST_CASE("with one class there is no rival, but a damaged input is still no point") {
  const Certifier<float> certifier(linear<float>(Matrix<float>::Ones(1, 2), column<float>({0})));
  CHECK(certifier.certify_image(point<float>({1, 2})) == Certificate{0, infinity});
  CHECK(certifier.certify_image(point<float>({1, 2}), {.epsilon = infinity}) ==
        Certificate{0, infinity});
  CHECK(certifier.certify_image(point<float>({not_a_number, 2})).abstains());
  CHECK(certifier.certify_image(point<float>({1, infinite}), {.epsilon = 1}).abstains());
}

TEST_CASE("an empty batch has no answers") {
  const Certifier<float> certifier(linear<float>(identity(2), column<float>({0, 0})));
  Workers workers(2);
  const Tensor<float> none(Shape::flat(2), 0);
  CHECK(certifier.certify(none, {.workers = &workers}).answers.empty());
  CHECK(certifier.certify(none, {.epsilon = 0.1, .workers = &workers}).answers.empty());
  CHECK(certifier.certify(none, {.epsilon = 0.1, .workers = &workers}).needed_double == 0);
}
