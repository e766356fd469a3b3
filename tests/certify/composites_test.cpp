// Certificates of networks with layers made of layers: what is proved holds under attack, errors are measured
// inside, and the self-test looks inside, too.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gloro/attack/pgd.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/certify/detail/margins.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/model/settle.hpp"
#include "networks.hpp"

using namespace gloro;

namespace {

using Layers = std::vector<AnyLayer<float>>;

/// Residual blocks, linear and not, and branches of both kinds, in one another.
GloroModel<float> composed(std::uint64_t seed, float size = 1) {
  const auto conv = [](Index filters, Index kernel) {
    return Conv2D<float>({.filters = filters, .kernel = kernel});
  };
  const Residual<float> block({.body = {conv(6, 3), MinMax<float>(), conv(4, 2)}});
  GloroModel<float> model(
      {6, 6, 4},
      {block, Residual<float>({.body = {conv(4, 3)}}),
       Parallel<float>({.branches = {Chain<float>(Layers{block, MinMax<float>()}), conv(2, 1)},
                        .join = Join::concatenate}),
       Residual<float>(
           {.body = {Parallel<float>({.branches = {conv(6, 1), Chain<float>(),
                                                   Residual<float>({.body = {conv(6, 2)}})}})}}),
       MaxPooling2D<float>(2), Dense<float>(8),
       Residual<float>({.body = {Dense<float>(8), MinMax<float>()}}), Dense<float>(4)},
      seed);
  Random random(seed, 9);
  for (auto* parameter : model.parameters())
    for (auto& value : parameter->value.reshaped())
      value = size * (value + static_cast<float>(0.1 * random.normal()));
  return model;
}

/// y = x, but off by a thousandth in float.
template <typename Scalar>
struct Wrong {
  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
    if (std::same_as<Scalar, float>) x.matrix() *= Scalar(1.001);
    return x;
  }
  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const {
    return dy;
  }
  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const { return x.data()[i]; }
  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1.01; }
  [[nodiscard]] RoundingBound rounding() const { return {1e-7, 1e-30}; }
  template <std::floating_point Other>
  [[nodiscard]] Wrong<Other> cast() const {
    return {};
  }
};

}  // namespace

TEST_CASE("a network of layers made of layers is certified, and no attack contradicts it") {
  Workers workers(2);
  int labelled = 0, broken_beyond = 0;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const GloroModel<float> model = composed(seed, 0.7F);
    const auto x = networks::random_batch<float>(model.input_shape(), 24, Random(seed, 3));
    const Certificates certified = Certifier<float>(model).certify(x, {.workers = &workers});
    std::vector<int> labels;
    std::vector<double> radii, beyond;
    for (const Certificate& answer : certified.answers) {
      labelled += !answer.abstains();
      labels.push_back(std::max(answer.label, 0));
      radii.push_back(answer.abstains() ? 0 : answer.radius);
      beyond.push_back(1000 * radii.back());
    }
    const attack::PgdOptions options{.steps = 60, .restarts = 3, .rivals = 3};
    // In double, so that what is found is the network's doing and not that of rounding.
    const GloroModel<double> exact = model.cast<double>();
    const Tensor<double> wide = samples_as<double>(x, 0, x.batch());
    const auto within = attack::pgd(exact, wide, labels, radii, options, workers);
    const auto outside = attack::pgd(exact, wide, labels, beyond, options, workers);
    for (std::size_t n = 0; n < radii.size(); ++n) {
      if (radii[n] == 0) continue;
      CHECK_FALSE(within.attempts[n].success);
      broken_beyond += outside.attempts[n].success;
    }
  }
  CHECK(labelled >= 60);
  CHECK(broken_beyond >= labelled / 2);  // the attack works
}

TEST_CASE("errors claimed inside layers made of layers hold, and the logits are the model's") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U})
    for (const double scale : {1e-6, 1.0, 1e6}) {
      const GloroModel<float> model = composed(seed);
      const auto bounds = body_upper_bounds(model);
      const RunningError<float> in_float(model, bounds);
      const RunningError<double> in_double(model.cast<double>(), bounds);
      const Margins margins(model.head().weight(), wholes(bounds));
      const HeadRounding float_head(model.head()), double_head(in_double.model().head());
      const auto x = networks::random_batch<float>(model.input_shape(), 8, Random(seed, 5), scale);
      const auto rough = in_float(x);
      const auto fine = in_double(samples_as<double>(x, 0, 8));
      CHECK(rough.logits.matrix() == model.logits(x).matrix());
      for (Index n = 0; n < x.batch(); ++n)
        for (Index j = 0; j < model.classes(); ++j)
          for (Index i = 0; i < j; ++i) {
            const double computed = static_cast<double>(rough.logits.matrix()(j, n)) -
                                    static_cast<double>(rough.logits.matrix()(i, n));
            const double exact = fine.logits.matrix()(j, n) - fine.logits.matrix()(i, n);
            const double error = margins.rounding_error(i, j, rough.at_head.data()[n], float_head);
            const double own = margins.rounding_error(i, j, fine.at_head.data()[n], double_head);
            CHECK(std::abs(computed - exact) <= error + own);
            CHECK(own <= 1e-7 * error);
            CHECK(rough.at_head.data()[n].error < infinity);
          }
    }
}

TEST_CASE("an error measured inside a layer is less than what it states beforehand") {
  const GloroModel<float> model = composed(6);
  for (const std::size_t l : {0U, 3U}) {
    const Shape input = model.input_shape(l);
    const AnyLayer<float>& layer = model.layers()[l];
    const Stage<float> stage("a layer", layer, bound_of(layer, input), input);
    const auto x = networks::random_batch<float>(input, 1, Random(6, 1));
    const double norm = NormBound<float>(input.size())(x.data());
    ActivationBound bound{norm, 0};
    (void)stage.run(layer, x, {&bound, 1}, nullptr);
    CHECK(bound.error > 0);
    CHECK(bound.error < 0.98 * layer.rounding().at(norm));
  }
}

TEST_CASE("a linear residual block's own norm counts, not one and its body's") {
  GloroModel<float> model(Shape::flat(4),
                          {Residual<float>({.body = {Dense<float>(4)}}), Dense<float>(2)});
  model.parameters()[0]->value = -0.5F * Matrix<float>::Identity(4, 4);  // x / 2
  const Certifier<float> certifier(model);
  CHECK(certifier.layer_bounds().at(0) >= 0.5);
  CHECK(certifier.layer_bounds().at(0) < 0.5 + 1e-5);
}

TEST_CASE("an overflow inside a layer made of layers certifies nothing") {
  for (const bool in_branch : {false, true}) {
    GloroModel<float> model(
        Shape::flat(2),
        {in_branch ? AnyLayer<float>(Parallel<float>(
                         {.branches = {Chain<float>(Layers{Dense<float>(2), ReLU<float>()}),
                                       Chain<float>()},
                          .join = Join::concatenate}))
                   : AnyLayer<float>(Residual<float>({.body = {Dense<float>(2), ReLU<float>()}})),
         Dense<float>(2)});
    model.parameters()[0]->value << -3e38F, 0, 0, 1;
    model.parameters()[2]->value.setConstant(1);
    const auto stretches = body_upper_bounds(model);
    const RunningError<float> evaluate(model, stretches);
    const auto result = evaluate(networks::point<float>({10, 1}));  // relu hides minus infinity
    CHECK(result.at_head.data()[0].error == infinity);
  }
}

TEST_CASE("a layer that computes something else is found inside others, and named") {
  const auto refused = [](AnyLayer<float> layer) {
    const GloroModel<float> model(Shape::flat(4),
                                  {Dense<float>(4), std::move(layer), Dense<float>(2)});
    return Certifier<float>(model);
  };
  CHECK_THROWS_WITH(
      refused(Residual<float>({.body = {Dense<float>(3), Wrong<float>(), Dense<float>(4)}})),
      ContainsText("layer 1.body.1: ") && ContainsText("promises"));
  CHECK_THROWS_WITH(refused(Chain<float>(
                        Layers{Parallel<float>({.branches = {Chain<float>(), Wrong<float>()}})})),
                    ContainsText("layer 1.0.branches.1: ") && ContainsText("promises"));
  CHECK_NOTHROW(refused(Chain<float>(Layers{Parallel<float>({.branches = {Chain<float>()}})})));
}

TEST_CASE("a layer made of layers that are bounded quickly says so") {
  const Conv2D<float> conv({.filters = 1, .kernel = {3, 1}});
  const GloroModel<float> model(
      {1 << 19, 1, 1},
      {Residual<float>({.body = {conv}}), Residual<float>({.body = {conv, ReLU<float>()}}),
       Parallel<float>({.branches = {ReLU<float>(), conv}}),
       Parallel<float>({.branches = {ReLU<float>(), Chain<float>()}}),
       AveragePooling2D<float>({.pool = {1 << 16, 1}}), Dense<float>(2)},
      1);
  const Certifier<float> certifier(model);
  CHECK(certifier.quickly_bounded() == std::vector<std::size_t>{0, 1, 2, 4});
  CHECK(certifier.layer_bounds()[0] <= 1 + std::sqrt(3.0) * 1.001);
  CHECK(certifier.layer_bounds()[3] == Approx(2).epsilon(1e-15));
}

TEST_CASE("certificates of layers made of layers have the same bits on any number of threads") {
  const GloroModel<float> model = composed(7, 0.7F);
  const Certifier<float> certifier(model);
  const auto x = networks::random_batch<float>(model.input_shape(), 70, Random(1, 3));
  Workers one(1);
  const Certificates expected = certifier.certify(x, {.workers = &one});
  for (const int threads : {2, 3}) {
    Workers workers(threads);
    const Certificates found = certifier.certify(x, {.workers = &workers});
    for (std::size_t n = 0; n < expected.answers.size(); ++n) {
      CHECK(found.answers[n].label == expected.answers[n].label);
      CHECK(found.answers[n].radius == expected.answers[n].radius);
    }
    const auto shared = certifier.certify_image(samples_as<float>(x, 0, 1), {.workers = &workers});
    const auto alone = certifier.certify_image(samples_as<float>(x, 0, 1));
    CHECK(shared.radius == alone.radius);
  }
}
