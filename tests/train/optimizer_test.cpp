// Optimizers against steps worked by hand and against a plain loop, one element at a time, written
// from the papers' formulas.
#include "gloro/train/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <Eigen/SVD>

#include "catch.hpp"
#include "gloro/core/random.hpp"
#include "gloro/train/rules/muon.hpp"
#include "gloro/train/rules/nadam.hpp"
#include "gloro/train/rules/sgd.hpp"

using gloro::Adam;
using gloro::ArgumentError;
using gloro::clip_norm;
using gloro::Gradients;
using gloro::Index;
using gloro::Lookahead;
using gloro::Matrix;
using gloro::Muon;
using gloro::NAdam;
using gloro::Optimizer;
using gloro::Parameter;
using gloro::Random;
using gloro::Sgd;
using gloro::UpdateRule;
using gloro::Workers;

namespace {

/// A weight that spans several pieces and a bias whose length is no multiple of anything.
template <typename Scalar>
struct Network {
  Parameter<Scalar> weight{
      .name = "kernel", .value = gloro::Matrix<Scalar>(97, 101), .decays = true};
  Parameter<Scalar> bias{"bias", gloro::Matrix<Scalar>(13, 1)};

  Network() {
    Random random(7, 0);
    for (auto* parameter : parameters())
      for (auto& value : parameter->value.reshaped()) value = static_cast<Scalar>(random.normal());
  }
  std::vector<Parameter<Scalar>*> parameters() { return {&weight, &bias}; }
};

/// Fresh random gradients for each step, some of them zero.
template <typename Scalar>
Gradients<Scalar> gradients_of(Network<Scalar>& network, int step) {
  Gradients<Scalar> gradients(network.parameters());
  Random random(11, static_cast<std::uint64_t>(step));
  for (auto& value : gradients.flat())
    value = random.uniform() < 0.1 ? Scalar(0) : static_cast<Scalar>(random.normal());
  return gradients;
}

double rate_of(int step) { return 0.01 / (1 + step); }

/// An optimizer, and what a plain loop needs to do the same.
struct Kind {
  std::variant<Adam, NAdam, Sgd, Muon> rule = Adam{};
  double weight_decay = 0;
  Lookahead lookahead = {};

  template <typename Scalar>
  [[nodiscard]] Optimizer<Scalar> optimizer(
      const std::vector<Parameter<Scalar>*>& parameters) const {
    const auto any = [](const auto& own) { return UpdateRule<Scalar>(own); };
    return {std::visit(any, rule), parameters, weight_decay, lookahead};
  }
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{{},
                                     {Adam{.beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-3}, 0.1},
                                     {NAdam{}},
                                     {NAdam{}, 0.1, {.steps = 5}},
                                     {Sgd{}},
                                     {Sgd{.momentum = 0.9}, 0.1},
                                     {Sgd{.momentum = 0.9, .is_nesterov = true}},
                                     {Adam{}, 0, {.steps = 3, .rate = 0.8}}};
  return all;
}

/// And those that move a matrix as a whole.
std::vector<Kind> all_kinds() {
  std::vector<Kind> all = kinds();
  all.push_back({Muon{}});
  all.push_back({Muon{.momentum = 0.5}, 0.1, {.steps = 3}});
  return all;
}

/// A rule on one element, by the book.
struct ByTheBook {
  double rate = 0, t = 0, g = 0, m = 0, v = 0, velocity = 0, product = 1;

  void average(double beta1, double beta2) {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
  }
  double operator()(const Adam& o) {
    average(o.beta1, o.beta2);
    return rate * std::sqrt(1 - std::pow(o.beta2, t)) / (1 - std::pow(o.beta1, t)) * m /
           (std::sqrt(v) + o.epsilon);
  }
  double operator()(const NAdam& o) {
    average(o.beta1, o.beta2);
    const auto mu = [&](double at) { return o.beta1 * (1 - 0.5 * std::pow(0.96, at / 250)); };
    product *= mu(t);
    const double m_hat = m / (1 - product * mu(t + 1)), g_hat = g / (1 - product);
    const double v_hat = v / (1 - std::pow(o.beta2, t));
    return rate * (mu(t + 1) * m_hat + (1 - mu(t)) * g_hat) / (std::sqrt(v_hat) + o.epsilon);
  }
  double operator()(const Sgd& o) {
    velocity = o.momentum * velocity - rate * g;
    return -(o.is_nesterov ? o.momentum * velocity - rate * g : velocity);
  }
  double operator()(const Muon& o) {  // of what is no matrix
    return (*this)(Adam{.beta1 = o.beta1, .beta2 = o.beta2, .epsilon = o.epsilon});
  }
};

/// One element through the steps, by the book.
double follow(const Kind& o, double w, const std::vector<double>& g, bool decays) {
  ByTheBook book;
  double slow = w;
  for (std::size_t i = 0; i < g.size(); ++i) {
    book.g = g[i];
    book.t = static_cast<double>(i + 1);
    book.rate = rate_of(static_cast<int>(i));
    if (decays) w -= book.rate * o.weight_decay * w;
    w -= std::visit(book, o.rule);
    if (o.lookahead.steps > 0 && (i + 1) % static_cast<std::size_t>(o.lookahead.steps) == 0) {
      slow = (1 - o.lookahead.rate) * slow + o.lookahead.rate * w;
      w = slow;
    }
  }
  return w;
}

/// Values after steps with gradients 0.5 and -0.25 at learning rate 0.1 from a weight of 1.
std::vector<double> two_steps(const Kind& kind) {
  Parameter<double> weight{.name = "w", .value = gloro::Matrix<double>::Ones(1, 1), .decays = true};
  const std::vector<Parameter<double>*> parameters{&weight};
  Optimizer<double> optimizer = kind.optimizer(parameters);
  Gradients<double> gradients(parameters);
  Workers workers(1);
  std::vector<double> values;
  for (const double g : {0.5, -0.25}) {
    gradients.flat()[0] = g;
    optimizer.step(parameters, gradients, 0.1, workers);
    values.push_back(weight.value(0, 0));
  }
  return values;
}

void check_two_steps(const Kind& kind, double first, double second) {
  const auto values = two_steps(kind);
  CHECK(values[0] == Approx(first).epsilon(1e-13));
  CHECK(values[1] == Approx(second).epsilon(1e-13));
}

}  // namespace

TEST_CASE("The first two steps are those worked by hand") {
  SECTION("SGD") { check_two_steps({Sgd{}}, 0.95, 0.975); }
  SECTION("SGD with weight decay: 1 - .1 * .5 = .95 before each step") {
    check_two_steps({Sgd{}, 0.5}, 0.9, 0.9 * 0.95 + 0.025);
  }
  SECTION("momentum: velocities -.05 and -.045 + .025 = -.02") {
    check_two_steps({Sgd{.momentum = 0.9}}, 0.95, 0.93);
  }
  SECTION("Nesterov: -.045 - .05 = -.095, then -.018 + .025 = .007") {
    check_two_steps({Sgd{.momentum = 0.9, .is_nesterov = true}}, 0.905, 0.912);
  }
  SECTION("Lookahead: every second step halves the way that was gone") {
    check_two_steps({Sgd{.momentum = 0.9}, 0, {.steps = 2}}, 0.95, 0.965);
  }
  SECTION("Adam: the first step is the learning rate, but for epsilon") {
    check_two_steps({}, 0.900000632451532, 0.8733670792079218);
  }
  SECTION("NAdam") { check_two_steps({NAdam{}}, 0.8943548432934925, 0.9354658058155512); }
}

TEST_CASE("Twenty steps agree with a plain loop") {
  for (const Kind& kind : kinds()) {
    Network<double> network;
    Network<double> start;
    Optimizer<double> optimizer = kind.optimizer(network.parameters());
    Workers workers(2);
    std::vector<std::vector<double>> history(static_cast<std::size_t>(97 * 101 + 13));
    for (int step = 0; step < 20; ++step) {
      const auto gradients = gradients_of(network, step);
      for (std::size_t i = 0; i < history.size(); ++i)
        history[i].push_back(gradients.flat()[static_cast<Index>(i)]);
      optimizer.step(network.parameters(), gradients, rate_of(step), workers);
    }
    double worst = 0;
    const Index weights = network.weight.value.size();
    for (Index i = 0; i < weights + 13; ++i) {
      const bool is_weight = i < weights;
      const double before = is_weight ? start.weight.value(i) : start.bias.value(i - weights);
      const double after = is_weight ? network.weight.value(i) : network.bias.value(i - weights);
      const auto& gradients = history[static_cast<std::size_t>(i)];
      const double expected = follow(kind, before, gradients, is_weight);
      worst = std::max(worst, std::abs(after - expected));
    }
    // Values up to about 5 and 20 steps of a dozen roundings: 20 * 12 * 5 * 1.1e-16 = 1.3e-13.
    INFO("rule " << kind.rule.index() << ", decay " << kind.weight_decay);
    CHECK(worst < 2e-13);
  }
}

TEST_CASE("The same bits come from one, two and three threads") {
  for (const Kind& kind : all_kinds()) {
    Network<float> one, two, three;
    Optimizer<float> first = kind.optimizer(one.parameters()), second(first), third(first);
    Workers single(1), pair(2), triple(3);
    for (int step = 0; step < 4; ++step) {
      first.step(one.parameters(), gradients_of(one, step), 0.01, single);
      second.step(two.parameters(), gradients_of(two, step), 0.01, pair);
      third.step(three.parameters(), gradients_of(three, step), 0.01, triple);
    }
    CHECK(one.weight.value == two.weight.value);
    CHECK(one.bias.value == two.bias.value);
    CHECK(one.weight.value == three.weight.value);
    CHECK(one.bias.value == three.bias.value);
  }
}

TEST_CASE("Training goes on bit for bit from a stored state") {
  for (const Kind& kind : all_kinds()) {
    Network<float> whole, resumed;
    Workers workers(1);
    Optimizer<float> straight = kind.optimizer(whole.parameters());
    for (int step = 0; step < 7; ++step)
      straight.step(whole.parameters(), gradients_of(whole, step), rate_of(step), workers);
    resumed = whole;
    const Optimizer<float> stored = straight;
    for (int step = 7; step < 14; ++step)
      straight.step(whole.parameters(), gradients_of(whole, step), rate_of(step), workers);

    Optimizer<float> fresh = kind.optimizer(resumed.parameters());
    const auto from = stored.state();
    const auto to = fresh.state();
    REQUIRE(from.size() == to.size());
    for (std::size_t i = 0; i < to.size(); ++i) {
      CHECK(to[i]->name == from[i]->name);
      to[i]->value = from[i]->value;
    }
    fresh.resume(stored.steps());
    for (int step = 7; step < 14; ++step)
      fresh.step(resumed.parameters(), gradients_of(resumed, step), rate_of(step), workers);
    CHECK(fresh.steps() == 14);
    CHECK(whole.weight.value == resumed.weight.value);
    CHECK(whole.bias.value == resumed.bias.value);
  }
}

namespace {

/// What Muon makes of singular values: five times 3.4445 s - 4.775 s^3 + 2.0315 s^5, of s over their 2-norm
/// (Jordan et al., 2024).
gloro::Vector<double> steps_towards_one(gloro::Vector<double> s) {
  s.normalize();
  for (double& value : s)
    for (int step = 0; step < 5; ++step) {
      const double square = value * value;
      value *= 3.4445 - 4.775 * square + 2.0315 * square * square;
    }
  return s;
}

/// And of a matrix.
Matrix<double> nearly_orthogonal(const Matrix<double>& matrix) {
  const Eigen::JacobiSVD<Matrix<double>> svd(matrix, Eigen::ComputeThinU | Eigen::ComputeThinV);
  return svd.matrixU() * steps_towards_one(svd.singularValues()).asDiagonal() *
         svd.matrixV().transpose();
}

Matrix<double> random_matrix(Index rows, Index cols, std::uint64_t stream) {
  Random random(5, stream);
  Matrix<double> result(rows, cols);
  for (double& value : result.reshaped()) value = random.normal();
  return result;
}

template <typename Scalar>
void check_muon(Index rows, Index cols, double tolerance) {
  CAPTURE(rows, cols);
  const Muon muon{.momentum = 0.75};
  Parameter<Scalar> weight{.name = "weight",
                           .value = random_matrix(rows, cols, 0).template cast<Scalar>(),
                           .decays = true};
  Matrix<double> expected = weight.value.template cast<double>();
  const std::vector<Parameter<Scalar>*> parameters{&weight};
  Optimizer<Scalar> optimizer(muon, parameters);
  Workers workers(2);
  Matrix<double> mean = Matrix<double>::Zero(rows, cols);
  for (std::uint64_t step = 1; step <= 3; ++step) {
    Gradients<Scalar> gradients(parameters);
    gradients.views()[0] = random_matrix(rows, cols, step).template cast<Scalar>();
    const Matrix<double> g = gradients.views()[0].template cast<double>();
    mean = 0.75 * mean + g;
    expected -= 0.01 * 0.2 * std::sqrt(static_cast<double>(std::max(rows, cols))) *
                nearly_orthogonal(g + 0.75 * mean);
    optimizer.step(parameters, gradients, 0.01, workers);
  }
  CHECK((weight.value.template cast<double>() - expected).cwiseAbs().maxCoeff() < tolerance);
}

}  // namespace

TEST_CASE(
    "Muon moves a matrix along its gradient with singular values about one, as an SVD has it") {
  for (const auto& [rows, cols] : std::vector<std::pair<Index, Index>>{
           {32, 48}, {48, 32}, {64, 64}, {16, 3}, {1, 9}, {9, 1}, {10, 200}, {130, 70}}) {
    check_muon<double>(rows, cols, 1e-13);
    check_muon<float>(rows, cols, 1e-5);
  }
}

TEST_CASE(
    "A matrix so large that its products are shared out moves by the same bits, as it should") {
  // Singular values that are known: a diagonal between two reflections, I - 2 u u^T.
  constexpr Index rows = 512, cols = 640;
  const auto reflected = [](const gloro::Vector<double>& diagonal) {
    Matrix<double> matrix = Matrix<double>::Zero(rows, cols);
    matrix.diagonal() = diagonal;
    const gloro::Vector<double> u = random_matrix(rows, 1, 0).col(0).normalized();
    const gloro::Vector<double> v = random_matrix(cols, 1, 1).col(0).normalized();
    matrix -= 2 * u * (u.transpose() * matrix).eval();
    matrix -= 2 * (matrix * v).eval() * v.transpose();
    return matrix;
  };
  gloro::Vector<double> s(rows);
  for (Index i = 0; i < rows; ++i) s(i) = 1 / (1 + static_cast<double>(i) / 64);
  const Matrix<float> gradient = reflected(s).cast<float>();
  const auto moved = [&](int threads) {
    Parameter<float> weight{
        .name = "weight", .value = Matrix<float>::Zero(rows, cols), .decays = true};
    const std::vector<Parameter<float>*> parameters{&weight};
    Optimizer<float> optimizer(Muon{}, parameters);
    Workers workers(threads);
    Gradients<float> gradients(parameters);
    gradients.views()[0] = gradient;
    optimizer.step(parameters, gradients, 0.01, workers);
    return weight.value;
  };
  const Matrix<float> one = moved(1);
  const double scale = 0.01 * 0.2 * std::sqrt(static_cast<double>(cols));
  const Matrix<double> expected = -scale * reflected(steps_towards_one(s));
  CHECK((one.cast<double>() - expected).cwiseAbs().maxCoeff() < 1e-6);
  CHECK(moved(2) == one);
  CHECK(moved(3) == one);
}

TEST_CASE("Muon's singular values all come near one, a hundredth of the largest too") {
  Parameter<float> weight{.name = "weight", .value = Matrix<float>::Zero(8, 8), .decays = true};
  const std::vector<Parameter<float>*> parameters{&weight};
  Optimizer<float> optimizer(Muon{}, parameters);
  Workers workers(1);
  Gradients<float> gradients(parameters);
  for (Index i = 0; i < 8; ++i)
    gradients.views()[0](i, i) = static_cast<float>(std::pow(0.01, static_cast<double>(i) / 7));
  optimizer.step(parameters, gradients, 1, workers);
  for (Index i = 0; i < 8; ++i) {
    CHECK(-weight.value(i, i) > 0.2 * std::sqrt(8) * 0.65);
    CHECK(-weight.value(i, i) < 0.2 * std::sqrt(8) * 1.25);
  }
}

TEST_CASE("Muon leaves a matrix without a gradient where it is, and does not hide a NaN") {
  Parameter<float> weight{.name = "weight", .value = Matrix<float>::Ones(8, 5), .decays = true};
  const std::vector<Parameter<float>*> parameters{&weight};
  Optimizer<float> optimizer(Muon{}, parameters);
  Workers workers(1);
  Gradients<float> gradients(parameters);
  optimizer.step(parameters, gradients, 0.1, workers);
  CHECK(weight.value == Matrix<float>::Ones(8, 5));
  gradients.flat().setConstant(1e-21F);  // whose squares are denormal
  optimizer.step(parameters, gradients, 0.1, workers);
  CHECK(weight.value.allFinite());
  gradients.flat()[7] = std::numeric_limits<float>::quiet_NaN();
  optimizer.step(parameters, gradients, 0.1, workers);
  CHECK(weight.value.hasNaN());
}

TEST_CASE("Muon moves biases as Adam does") {
  Network<double> network, other;
  Optimizer<double> muon(Muon{}, network.parameters()), adam(Adam{}, other.parameters());
  Workers workers(1);
  for (int step = 0; step < 3; ++step) {
    muon.step(network.parameters(), gradients_of(network, step), 0.01, workers);
    adam.step(other.parameters(), gradients_of(other, step), 0.01, workers);
  }
  CHECK(network.bias.value == other.bias.value);
  CHECK(network.weight.value != other.weight.value);
}

TEST_CASE("Weight decay pulls at what decays and leaves biases alone") {
  Network<double> network;
  const Network<double> start;
  Optimizer<double> optimizer(Adam{}, network.parameters(), 0.5);
  Workers workers(1);
  optimizer.step(network.parameters(), Gradients<double>(network.parameters()), 0.1, workers);
  CHECK(network.bias.value == start.bias.value);
  for (Index i = 0; i < network.weight.value.size(); ++i)
    CHECK(network.weight.value(i) == Approx(0.95 * start.weight.value(i)).epsilon(1e-15));
}

TEST_CASE("Clipping scales gradients to the norm asked for, and only if they are longer") {
  Network<float> network;
  Gradients<float> gradients(network.parameters(), 2);
  gradients.set_zero();
  gradients.flat()[0] = 3;
  gradients.views()[1](12, 0) = -4;
  gradients.extra()[0] = 100;
  const Gradients<float> before = gradients;

  CHECK(clip_norm(gradients, 5.0) == 5.0);
  CHECK(gradients.flat() == before.flat());
  CHECK(clip_norm(gradients, 1.0) == 5.0);
  CHECK(gradients.flat()[0] == Approx(0.6).epsilon(1e-7));
  CHECK(gradients.views()[1](12, 0) == Approx(-0.8).epsilon(1e-7));
  CHECK(gradients.extra()[0] == 100);
  CHECK_THROWS_AS(clip_norm(gradients, 0.0), ArgumentError);
}

TEST_CASE("Clipping measures in double and lets the caller see what is not finite") {
  Network<float> network;
  Gradients<float> gradients(network.parameters());
  gradients.flat().setConstant(1e30F);  // squares overflow in float
  const double size = static_cast<double>(gradients.size());
  CHECK(clip_norm(gradients, 1.0) == Approx(1e30 * std::sqrt(size)).epsilon(1e-6));
  CHECK(clip_norm(gradients, 2.0) == Approx(1).epsilon(1e-6));

  gradients.flat()[5] = std::numeric_limits<float>::quiet_NaN();
  gradients.flat()[6] = 2;
  CHECK(std::isnan(clip_norm(gradients, 1.0)));
  CHECK(gradients.flat()[6] == 2);
}

TEST_CASE("Options and extents that make no sense are refused") {
  Network<double> network;
  const auto refuses = [&](const Kind& kind) {
    CHECK_THROWS_AS(kind.optimizer(network.parameters()), ArgumentError);
  };
  refuses({Adam{.beta1 = 1}});
  refuses({Adam{.beta2 = -0.1}});
  refuses({NAdam{.epsilon = 0}});
  refuses({Sgd{.momentum = 1}});
  refuses({Muon{.momentum = 1}});
  refuses({Muon{.beta2 = 1}});
  refuses({Adam{}, -1});
  refuses({Adam{}, 0, {.steps = -1}});
  refuses({Adam{}, 0, {.rate = 0}});

  Optimizer<double> optimizer(Adam{}, network.parameters());
  Workers workers(1);
  const std::vector<Parameter<double>*> fewer{&network.weight};
  CHECK_THROWS_AS(optimizer.step(fewer, Gradients<double>(fewer), 0.1, workers), ArgumentError);
  network.bias.value.resize(5, 1);
  CHECK_THROWS_WITH(
      optimizer.step(network.parameters(), Gradients<double>(network.parameters()), 0.1, workers),
      ContainsText("bias of 13 values, got 5"));
}

namespace {

/// Signs of gradients, with their mean: what a user may write.
struct SignOfMean {
  double beta = 0.5;
  [[nodiscard]] std::vector<std::string> columns() const { return {"mean"}; }
  [[nodiscard]] double at(Index, double learning_rate) const { return learning_rate; }
  template <typename Scalar>
  void move(gloro::Slice<Scalar> w, gloro::ConstSlice<Scalar> g, gloro::RuleState<Scalar> state,
            double rate) const {
    gloro::Slice<Scalar> mean = state[0];
    mean = static_cast<Scalar>(beta) * mean + static_cast<Scalar>(1 - beta) * g;
    w -= static_cast<Scalar>(rate) * mean.sign();
  }
  [[nodiscard]] std::string text() const { return gloro::message("sign of mean ", beta); }
};

}  // namespace

TEST_CASE("A rule of the user's own moves weights, with what it remembers in the state") {
  Parameter<double> weight{.name = "w", .value = gloro::Matrix<double>::Ones(1, 1)};
  const std::vector<Parameter<double>*> parameters{&weight};
  Optimizer<double> optimizer(SignOfMean{}, parameters);
  REQUIRE(optimizer.state().size() == 1);
  CHECK(optimizer.state()[0]->name == "mean");
  Gradients<double> gradients(parameters);
  Workers workers(1);
  for (const double g : {0.5, -0.125, -0.25}) {  // means 1/4, 1/16, -3/32
    gradients.flat()[0] = g;
    optimizer.step(parameters, gradients, 0.125, workers);
  }
  CHECK(weight.value(0, 0) == 1 - 0.125);
  CHECK(optimizer.state()[0]->value(0) == -3.0 / 32);
}
