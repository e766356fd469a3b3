// The activations of one value: their formulas in long double, their slopes, their exact constants, and how
// far the standard library's functions may be off.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gloro/layers/activations.hpp"
#include "gloro/layers/described_options.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

struct ActivationCase {
  std::string name;
  AnyLayer<float> in_float;
  AnyLayer<double> in_double;
  std::function<long double(long double)> formula;
  double lipschitz;
};

template <template <typename> typename Function>
ActivationCase case_of(double number, std::function<long double(long double)> formula,
                       double lipschitz) {
  return {Function<float>::type, Pointwise<float, Function>(static_cast<float>(number)),
          Pointwise<double, Function>(number), std::move(formula), lipschitz};
}

/// Numbers that float has, so that both precisions are the same function.
std::vector<ActivationCase> activation_cases() {
  const auto elu = [](long double alpha) {
    return [=](long double x) { return x < 0 ? alpha * (std::exp(x) - 1) : x; };
  };
  const auto leaky = [](long double slope) {
    return [=](long double x) { return x < 0 ? slope * x : x; };
  };
  const auto softplus = [](long double beta) {
    return [=](long double x) {
      return beta * x > 60 ? x : std::log1p(std::exp(beta * x)) / beta;  // e^-60 is lost beside 60
    };
  };
  return {
      {"abs", Abs<float>(), Abs<double>(), [](long double x) { return std::fabs(x); }, 1},
      {"tanh", Tanh<float>(), Tanh<double>(),
       [](long double x) {
         const long double e = std::expm1(2 * std::fabs(x));
         return std::copysign(std::fabs(x) > 60 ? 1 : e / (e + 2), x);
       },
       1},
      {"sigmoid", Sigmoid<float>(), Sigmoid<double>(),
       [](long double x) {
         const long double e = std::exp(-std::fabs(x));
         return (x < 0 ? e : 1) / (1 + e);
       },
       0.25},
      case_of<activation::LeakyReLU>(0.1F, leaky(0.1F), 1),
      case_of<activation::LeakyReLU>(-0.75, leaky(-0.75L), 1),
      case_of<activation::LeakyReLU>(-2.5, leaky(-2.5L), 2.5),
      case_of<activation::ELU>(1, elu(1), 1),
      case_of<activation::ELU>(0.3F, elu(0.3F), 1),
      case_of<activation::ELU>(-3, elu(-3), 3),
      case_of<activation::Softplus>(1, softplus(1), 1),
      case_of<activation::Softplus>(7.5, softplus(7.5L), 1),
      case_of<activation::Softplus>(0.1F, softplus(0.1F), 1),
  };
}

template <typename Scalar>
AnyLayer<Scalar> layer_of(const ActivationCase& one) {
  if constexpr (std::is_same_v<Scalar, float>)
    return one.in_float;
  else
    return one.in_double;
}

template <typename Scalar>
Tensor<Scalar> single(double x) {
  Tensor<Scalar> tensor(Shape::flat(1), 1);
  tensor.data()[0] = static_cast<Scalar>(x);
  return tensor;
}

/// Of both signs, from the smallest normal float to where exponentials of double overflow, and beyond.
std::vector<double> activation_arguments() {
  Random random(1);
  std::vector<double> all{0, 0x1p-126, 709.8, 745.2, 1e4, 1e30};
  for (int i = 0; i < 2000; ++i) all.push_back(std::exp2(random.uniform(-60, 10)));
  for (int i = 0; i < 2000; ++i) all.push_back(random.uniform(0, 8));
  for (std::size_t i = 0, count = all.size(); i < count; ++i) all.push_back(-all[i]);
  for (double& x : all) x = static_cast<double>(static_cast<float>(x));
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("An activation is its formula within the rounding that it claims", "", float,
                   double) {
  for (const ActivationCase& one : activation_cases()) {
    CAPTURE(one.name);
    AnyLayer<TestType> layer = layer_of<TestType>(one);
    layer.place(Shape::flat(1));
    const AnyLayer<double> twin = layer.template cast<double>();
    const RoundingBound claim = layer.rounding(), of_twin = twin.rounding();
    double most = 0;
    for (const double x : activation_arguments()) {
      const long double exact = one.formula(static_cast<long double>(x));
      // The formulas above lose some units of long double to cancellation: e^x - 1 near zero.
      const auto own = static_cast<double>(4 * std::numeric_limits<long double>::epsilon());
      const TestType y = layer.forward(single<TestType>(x), {}).data()[0];
      const auto off = static_cast<double>(std::fabs(static_cast<long double>(y) - exact));
      const double allowed = claim.at(std::abs(x));
      CAPTURE(x, y);
      CHECK(off <= allowed + own * (1 + std::abs(x)) * one.lipschitz);
      if (allowed > 0 && std::abs(x) > 1e-3) most = std::max(most, off / allowed);
      const double defined = *twin.definition(single<double>(x), 0);
      CHECK(std::abs(defined - static_cast<double>(exact)) <=
            of_twin.at(std::abs(x)) + 0x1p-52 * (1 + std::abs(x)) * one.lipschitz);
    }
    // Not claimed without need, but for what double leaves to the standard library.
    if (std::is_same_v<TestType, float> && !claim.is_exact()) CHECK(most > 0.2);
    CHECK(claim.is_exact() == (one.name == "abs"));
  }
}

TEST_CASE("The standard library's exp, expm1, tanh and log1p err by less than is assumed") {
  const auto off = [](double found, long double exact) {
    return static_cast<double>(std::fabs(static_cast<long double>(found) - exact) /
                               std::fabs(exact));
  };
  double most = 0;
  for (const double argument : activation_arguments()) {
    const double x = std::abs(argument);
    if (x == 0 || x > 700) continue;
    const auto wide = static_cast<long double>(x);
    most = std::max({most, off(std::exp(-x), std::exp(-wide)), off(std::tanh(x), std::tanh(wide)),
                     off(std::expm1(-x), std::expm1(-wide)), off(std::log1p(x), std::log1p(wide))});
  }
  CHECK(most < 0x1p-47);
  CHECK(most > 0x1p-55);  // or long double is double, and nothing was compared
}

TEST_CASE("An activation passes gradients back by its slope, and is the same in both precisions") {
  Random random(2);
  for (const ActivationCase& one : activation_cases()) {
    CAPTURE(one.name);
    check::check_gradients(one.in_double, {2, 3, 2}, 3, random);
    check::check_cast(one.in_float, {2, 3, 2}, 2, random);
  }
}

TEMPLATE_TEST_CASE("An activation's constant is never exceeded, and reached", "", float, double) {
  Random random(3);
  for (const ActivationCase& one : activation_cases()) {
    CAPTURE(one.name);
    const AnyLayer<TestType> layer = layer_of<TestType>(one);
    CHECK(layer.lipschitz_upper_bound() == one.lipschitz);
    CHECK(layer.lipschitz() == static_cast<TestType>(one.lipschitz));
    check::check_stretch(layer, {3, 3, 3}, random);
    double steepest = 0;
    const long double step = 0x1p-20L;
    for (const double x : activation_arguments()) {
      const auto at = static_cast<long double>(x);
      if (std::abs(x) > 100) continue;
      const auto slope = static_cast<double>(
          std::fabs(one.formula(at + step) - one.formula(at - step)) / step / 2);
      CHECK(slope <= one.lipschitz * (1 + 1e-9));
      steepest = std::max(steepest, slope);
    }
    CHECK(steepest >= one.lipschitz * (1 - 1e-3));
  }
}

TEST_CASE("No activation makes a number of a NaN, and none is infinite where its value is not") {
  for (const ActivationCase& one : activation_cases()) {
    CAPTURE(one.name);
    CHECK(std::isnan(one.in_float.forward(single<float>(std::nan("")), {}).data()[0]));
    for (const double x : {-3e38, 3e38}) {
      const float y = one.in_float.forward(single<float>(x), {}).data()[0];
      CHECK(std::isfinite(y) == (std::fabs(one.formula(x)) < 3.4e38L));
    }
  }
}

TEST_CASE("An activation whose number is no number is refused") {
  const double nan = std::nan("");
  CHECK_THROWS_WITH(LeakyReLU<float>(static_cast<float>(nan)), ContainsText("finite slope"));
  CHECK_THROWS_WITH(ELU<double>(HUGE_VAL), ContainsText("finite alpha"));
  for (const double beta : {0.0, -1.0, nan, HUGE_VAL})
    CHECK_THROWS_WITH(Softplus<double>(beta), ContainsText("beta > 0"));
}

TEST_CASE("An activation describes its number, and is read back in the file's precision") {
  const Description description = LeakyReLU<float>(0.1F).describe();
  CHECK(description.type == "leaky_relu");
  CHECK(std::get<double>(description.options.at(0).second) == static_cast<double>(0.1F));
  const Description given{"leaky_relu", {{"slope", 1.1}}};
  DescribedOptions once(given), twice(given);
  CHECK(LeakyReLU<float>::from(once).lipschitz_upper_bound() == static_cast<double>(1.1F));
  CHECK(LeakyReLU<double>::from(twice).lipschitz_upper_bound() == 1.1);
}
