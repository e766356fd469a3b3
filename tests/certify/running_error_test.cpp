// The claimed rounding error of every layer and of whole networks against double, which is as good
// as exact beside float, and whose own claimed error is added.
#include "catch.hpp"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/certify/detail/margins.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "networks.hpp"

using namespace gloro;

namespace {

enum class Signal { normal, positive, ones, tiny, huge, mixed, sparse };
constexpr Signal every_signal[] = {Signal::normal, Signal::positive, Signal::ones,  Signal::tiny,
                                   Signal::huge,   Signal::mixed,    Signal::sparse};

/// Values that make sums round badly: same signs, all magnitudes, denormals.
void fill(float* values, Index size, Signal kind, Random& random) {
  for (Index i = 0; i < size; ++i) {
    const double normal = random.normal();
    switch (kind) {
      case Signal::normal:
        values[i] = static_cast<float>(normal);
        break;
      case Signal::positive:
        values[i] = static_cast<float>(random.uniform(0.5, 1));
        break;
      case Signal::ones:
        values[i] = i % 16 == 0 ? 1.0F : 0x1.fp-25F;
        break;  // absorbed by halves
      case Signal::tiny:
        values[i] = static_cast<float>(1e-39 * normal);
        break;
      case Signal::huge:
        values[i] = static_cast<float>(1e15 * normal);
        break;
      case Signal::mixed:
        values[i] = static_cast<float>(normal * std::pow(10.0, random.uniform(-12, 6)));
        break;
      case Signal::sparse:
        values[i] = random.uniform() < 0.2 ? static_cast<float>(normal) : 0.0F;
        break;
    }
  }
}

struct Case {
  AnyLayer<float> layer;
  Shape input;
};

std::vector<Case> every_layer() {
  return {
      {Dense<float>(7), {1, 1, 5}},
      {Dense<float>(33), {1, 1, 300}},
      {Dense<float>({.units = 1, .bias = false}), {1, 1, 1000}},
      {Dense<float>(16), {4, 5, 3}},
      {Conv2D<float>({.filters = 8, .kernel = 3}), {9, 7, 5}},
      {Conv2D<float>({.filters = 17, .kernel = 4, .stride = 2}), {12, 12, 16}},
      {Conv2D<float>({.filters = 3,
                      .kernel = {5, 1},
                      .stride = {1, 3},
                      .padding = {2, 4, 1, 0},
                      .bias = false}),
       {6, 8, 2}},
      {Conv2D<float>({.filters = 6, .kernel = 1, .padding = Padding::valid}), {5, 5, 40}},
      {AveragePooling2D<float>(2), {8, 6, 3}},
      {AveragePooling2D<float>({.pool = {3, 5}, .stride = {2, 1}, .padding = Padding::same}),
       {7, 9, 2}},
      {MaxPooling2D<float>(2), {8, 6, 3}},
      {Normalization<float>({0.4F, -3.0F, 1e6F}, {3.7F, 1e-3F, -12.0F}), {5, 5, 3}},
      {Scaling<float>(1.37F), {4, 4, 4}},
      {Scaling<float>(-1e-30F), {4, 4, 4}},
      {MinMax<float>(), {4, 4, 4}},
      {MinMax<float>(MinMaxPairs::halves), {4, 4, 4}},
      {ReLU<float>(), {4, 4, 4}},
      {InvertibleDownsampling<float>(2), {4, 4, 4}},
  };
}

double distance(const float* a, const double* b, Index size) {
  double squares = 0;
  for (Index i = 0; i < size; ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    squares += difference * difference;
  }
  return std::sqrt(squares);
}

double norm(const float* a, Index size) {
  double squares = 0;
  for (Index i = 0; i < size; ++i) squares += static_cast<double>(a[i]) * static_cast<double>(a[i]);
  return std::sqrt(squares);
}

/// Calls check(layer, input, computed float output, output in double, claimed error of both).
/// `compute` runs the float forward pass.
template <typename Compute, typename Check>
void for_each_evaluation(Compute&& compute, Check&& check) {
  std::uint64_t seed = 0;
  for (Case& one : every_layer())
    for (const Signal weights : every_signal)
      for (const Signal signal : every_signal) {
        AnyLayer<float>& layer = one.layer;
        const Shape& input = one.input;
        Random random(++seed);
        build(layer, input, random);
        if (weights != Signal::normal)
          for (auto* parameter : layer.parameters())
            fill(parameter->value.data(), parameter->value.size(), weights, random);
        Tensor<float> x(input, 3);
        fill(x.data(), x.size(), signal, random);
        Tensor<double> wide(input, x.batch());
        std::copy_n(x.data(), x.size(), wide.data());

        const AnyLayer<double> exact = layer.cast<double>();
        const RoundingBound single = layer.rounding(), twice = exact.rounding();
        const Tensor<double> truth = exact.forward(std::move(wide), {});
        const Tensor<float> y = compute(layer, x);
        const Index size = truth.shape().size();
        for (Index n = 0; n < x.batch(); ++n) {
          const double length = norm(x.sample(n), input.size()) * (1 + 1e-12);
          check(layer, distance(y.sample(n), truth.sample(n), size),
                single.relative * length + single.absolute,
                twice.relative * length + twice.absolute);
        }
      }
}

Tensor<float> forward(const AnyLayer<float>& layer, Tensor<float> x) {
  return layer.forward(std::move(x), {});
}

#if defined(__SSE__)
Tensor<float> forward_without_denormals(const AnyLayer<float>& layer, Tensor<float> x) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040U);
  Tensor<float> y = layer.forward(std::move(x), {});
  _mm_setcsr(before);
  return y;
}
#endif

}  // namespace

TEST_CASE("no layer computes with more error than it claims") {
  double nearest = 0;
  for_each_evaluation(forward, [&](const auto&, double error, double claimed, double of_double) {
    CHECK(error <= claimed * (1 + 1e-12) + of_double);
    if (claimed > 0 && claimed < infinity) nearest = std::max(nearest, error / claimed);
  });
  CHECK(nearest > 0.1);  // the signals are bad enough to come near the bound
}

#if defined(__SSE__)
TEST_CASE("no layer that computes errs more than it claims where denormals are flushed to zero") {
  for_each_evaluation(forward_without_denormals,
                      [](const auto&, double error, double claimed, double of_double) {
                        if (claimed > 0) CHECK(error <= claimed * (1 + 1e-12) + of_double);
                      });
}
#endif

TEST_CASE("layers that only compare or move values are exact, and say so") {
  for (const auto& [layer, input] : every_layer()) {
    AnyLayer<float> built = layer;
    Random random(1);
    build(built, input, random);
    const bool computes =
        !(built.as<MinMax<float>>() || built.as<ReLU<float>>() || built.as<MaxPooling2D<float>>() ||
          built.as<InvertibleDownsampling<float>>());
    const RoundingBound bound = built.rounding();
    CHECK((bound.relative > 0) == computes);
    CHECK((bound.absolute > 0) == computes);
  }
}

TEST_CASE("weights that are no numbers leave the error unbounded") {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()})
    for (auto [layer, input] : every_layer()) {
      Random random(2);
      build(layer, input, random);
      for (auto* parameter : layer.parameters()) {
        const float before = parameter->value(0, 0);
        parameter->value(0, 0) = bad;
        const RoundingBound bound = layer.rounding();
        CHECK(bound.relative + bound.absolute == infinity);
        parameter->value(0, 0) = before;
      }
    }
}

TEST_CASE("norms are never below the real ones, nor far above") {
  Random random(3);
  for (const Signal kind : every_signal)
    for (const Index size : {1, 7, 64, 1000, 5000}) {
      std::vector<float> values(static_cast<std::size_t>(size));
      fill(values.data(), size, kind, random);
      const double real = norm(values.data(), size);
      const double bound = NormBound<float>(size)(values.data());
      CHECK(bound >= real * (1 - 1e-13));
      if (kind != Signal::tiny) CHECK(bound <= 1.001 * real + 1e-16);
    }
  const std::vector<float> large{1e30F, 1};
  CHECK(NormBound<float>(2)(large.data()) == infinity);  // its square overflows: nothing is known
  const std::vector<float> broken{std::nanf(""), 1};
  CHECK(NormBound<float>(2)(broken.data()) == infinity);
}

TEST_CASE("the computed margins of whole networks lie within the claimed error of the exact ones") {
  for (int family = 0; family < networks::families; ++family)
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      auto model = networks::random_network(family, seed);
      if (seed >= 3) {  // badly scaled: one layer up, the next one down
        double factor = seed % 2 == 0 ? 1e4 : 1e-4;
        for (auto* parameter : model.parameters())
          if (parameter->name == "weight") {
            parameter->value *= static_cast<float>(factor);
            factor = 1 / factor;
          }
      }
      const auto stretches = body_upper_bounds(model);
      const RunningError<float> in_float(model, stretches);
      const RunningError<double> in_double(model.cast<double>(), stretches);
      const Margins margins(model.head().weight(), wholes(stretches));
      const HeadRounding float_head(model.head()), double_head(in_double.model().head());
      for (const double scale : {1e-6, 1.0, 1e6}) {
        const auto x =
            networks::random_batch<float>(model.input_shape(), 8, Random(seed, 5), scale);
        Tensor<double> wide(x.shape(), x.batch());
        std::copy_n(x.data(), x.size(), wide.data());
        const auto rough = in_float(x);
        const auto fine = in_double(std::move(wide));
        for (Index n = 0; n < x.batch(); ++n)
          for (Index j = 0; j < model.classes(); ++j)
            for (Index i = 0; i < j; ++i) {
              const auto& first = rough.at_head.data()[n];
              const auto& second = fine.at_head.data()[n];
              const double computed = static_cast<double>(rough.logits.matrix()(j, n)) -
                                      static_cast<double>(rough.logits.matrix()(i, n));
              const double exact = fine.logits.matrix()(j, n) - fine.logits.matrix()(i, n);
              const double error = margins.rounding_error(i, j, first, float_head);
              const double own = margins.rounding_error(i, j, second, double_head);
              CHECK(std::abs(computed - exact) <= error + own);
              CHECK(own <= 1e-7 * error);
              CHECK(first.error < infinity);
            }
      }
    }
}
