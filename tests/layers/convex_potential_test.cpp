// ConvexPotential: against its formula, central differences, Jacobians' norms and pairs of points;
// its stated rounding against double.
#include "catch.hpp"

#include <limits>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/lipschitz/power_iteration.hpp"
#include "gloro/model/settle.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

namespace {

struct PotentialCase {
  Shape input;
  ConvexPotentialOptions options;
};

std::vector<PotentialCase> potential_cases() {
  return {{Shape::flat(5), {}},
          {Shape::flat(4), {.hidden = 7, .bias = false}},
          {{4, 3, 2}, {}},
          {{3, 4, 2}, {.hidden = 3, .kernel = {2, 3}}},
          {{3, 3, 2}, {.kernel = 4, .initializer = Initializer::glorot}},
          {{2, 2, 1}, {.hidden = 2, .kernel = 5, .bias = false}}};
}

/// The same with an h that stays.
ConvexPotentialOptions fixed(ConvexPotentialOptions options, double scale) {
  options.scale = scale;
  return options;
}

/// The matrix of W x, through the gradient-checked Conv2D.
Matrix<double> inner_matrix(const AnyLayer<double>& layer, const PotentialCase& one) {
  const Index hidden = layer.parameters()[0]->value.rows();
  const Extent kernel = one.input.is_flat() ? Extent(1) : one.options.kernel;
  AnyLayer<double> conv = Conv2D<double>({.filters = hidden, .kernel = kernel, .bias = false});
  Random unused(0);
  build(conv, one.input, unused);
  conv.parameters()[0]->value = layer.parameters()[0]->value;
  return check::explicit_matrix(conv, one.input);
}

double scale_of(const AnyLayer<double>& layer) {
  return layer.as<ConvexPotential<double>>()->scale();
}

/// df/dx at x, column by column; exact but for rounding, f being piecewise affine.
Matrix<double> jacobian(const AnyLayer<double>& layer, const Tensor<double>& x) {
  Tensor<double> moved(x.shape(), x.shape().size() + 1);
  moved.matrix().colwise() = Vector<double>(x.matrix().col(0));
  constexpr double step = 0x1p-20;
  for (Index i = 0; i < x.shape().size(); ++i) moved.matrix()(i, i) += step;
  const Tensor<double> y = layer.forward(std::move(moved), {});
  const Index n = x.shape().size();
  return (y.matrix().leftCols(n).colwise() - Vector<double>(y.matrix().col(n))) / step;
}

}  // namespace

TEST_CASE("ConvexPotential is x - h W^T relu(W x + b), dense and convolution") {
  Random random(1);
  for (const PotentialCase& one : potential_cases()) {
    CAPTURE(one.input, one.options.hidden);
    const AnyLayer<double> layer =
        check::ready<double>(ConvexPotential<double>(fixed(one.options, 0.375)), one.input, random);
    const Matrix<double> w = inner_matrix(layer, one);
    const Tensor<double> x = check::random_tensor<double>(one.input, 3, random);
    Matrix<double> inner = w * x.matrix();
    if (layer.parameters().size() > 1) {
      const Matrix<double>& bias = layer.parameters()[1]->value;
      for (Index i = 0; i < inner.rows(); ++i) inner.row(i).array() += bias(i % bias.rows());
    }
    const Matrix<double> expected = x.matrix() - 0.375 * w.transpose() * inner.cwiseMax(0);
    const Tensor<double> y = layer.forward(x, {});
    CHECK((y.matrix() - expected).norm() <=
          check::tolerance<double>(w.size(), expected.norm() + w.squaredNorm()));
  }
}

TEST_CASE("ConvexPotential with an h that stays has the gradients that it gives") {
  Random random(2);
  for (const PotentialCase& one : potential_cases()) {
    CAPTURE(one.input, one.options.hidden);
    const auto options = fixed(one.options, 0.5);
    const AnyLayer<double> layer =
        check::ready<double>(ConvexPotential<double>(options), one.input, random);
    REQUIRE(layer.lipschitz() > 1.25);  // away from the kink of max(1, h sigma^2 - 1)
    check::check_gradients(layer, one.input, 2, random);
    check::check_lipschitz_gradient(layer);
    check::check_cast(check::ready<float>(ConvexPotential<float>(options), one.input, random),
                      one.input, 2, random);
  }
}

TEST_CASE("ConvexPotential that follows W passes the gradient of h back too") {
  Random random(3);
  for (const PotentialCase& one : potential_cases()) {
    CAPTURE(one.input, one.options.hidden);
    AnyLayer<double> layer =
        check::ready<double>(ConvexPotential<double>(one.options), one.input, random);
    layer.refresh_lipschitz(3);
    Tensor<double> x = check::random_tensor<double>(one.input, 2, random);
    const Tensor<double> weights = check::random_tensor<double>(one.input, 2, random);
    const auto value = [&] {
      AnyLayer<double> moved = layer;
      moved.refresh_lipschitz(0);  // h for the vector as it is
      return moved.forward(x, {}).matrix().cwiseProduct(weights.matrix()).sum();
    };
    Tape<double> tape;
    (void)layer.forward(x, {.tape = &tape});
    Gradients<double> gradients(std::as_const(layer).parameters());
    const auto dx = layer.backward(weights, {.tape = tape, .gradients = gradients.views()});
    for (Index i = 0; i < x.size(); ++i)
      check::check_close(dx.data()[i], check::central_difference(x.data()[i], check::step, value));
    const auto parameters = layer.parameters();
    for (std::size_t p = 0; p < parameters.size(); ++p)
      for (Index i = 0; i < parameters[p]->value.size(); ++i)
        check::check_close(gradients.views()[p].data()[i],
                           check::central_difference(parameters[p]->value(i), check::step, value));
    gradients.set_zero();
    layer.lipschitz_backward(1, gradients.views());
    CHECK(gradients.flat().isZero(0));
  }
}

TEST_CASE("ConvexPotential stretches no further than its bound, and reaches it") {
  Random random(4);
  for (const PotentialCase& one : potential_cases())
    for (const double target : {0.5, 2.0, 3.0, 8.0}) {  // h ||W||^2
      CAPTURE(one.input, one.options.hidden, target);
      const AnyLayer<double> drawn =
          check::ready<double>(ConvexPotential<double>(fixed(one.options, 1)), one.input, random);
      const double norm = check::spectral_norm(inner_matrix(drawn, one));
      Random same(9);
      AnyLayer<double> layer = ConvexPotential<double>(fixed(one.options, target / (norm * norm)));
      build(layer, one.input, same);
      for (std::size_t p = 0; p < layer.parameters().size(); ++p)
        layer.parameters()[p]->value = drawn.parameters()[p]->value;
      const double bound = layer.lipschitz_upper_bound();
      CHECK(bound >= std::max(1.0, target - 1 - 1e-12));
      CHECK(bound <= std::max(1.0, target - 1) + 1e-3);
      for (int points = 0; points < 3; ++points) {
        const auto x = check::random_tensor<double>(one.input, 1, random);
        CHECK(check::spectral_norm(jacobian(layer, x)) <= bound + 1e-8 * target);
      }
      check::check_stretch(layer, one.input, random);
      if (layer.parameters().size() < 2) continue;
      // With every unit active the layer is affine, and its norm max |1 - h lambda| over the
      // eigenvalues of W^T W.
      layer.parameters()[1]->value.setConstant(1e3);
      const auto x = check::random_tensor<double>(one.input, 1, random);
      CHECK(check::spectral_norm(jacobian(layer, x)) >= target - 1 - 1e-5);
    }
}

TEMPLATE_TEST_CASE("ConvexPotential that follows W is 1-Lipschitz, power iteration's rest apart",
                   "", float, double) {
  Random random(5);
  for (const PotentialCase& one : potential_cases()) {
    CAPTURE(one.input, one.options.hidden);
    AnyLayer<TestType> layer =
        check::ready<TestType>(ConvexPotential<TestType>(one.options), one.input, random);
    layer.refresh_lipschitz(2000);
    CHECK(static_cast<double>(layer.lipschitz()) == Approx(1).epsilon(1e-6));
    CHECK(layer.lipschitz_upper_bound() >= 1);
    CHECK(layer.lipschitz_upper_bound() <= 1 + 1e-4);
    check::check_stretch(layer, one.input, random);
  }
}

TEST_CASE("ConvexPotential's bound holds for an h that power iteration got wrong") {
  // W = diag(1000, 1) with the vector at (0, 1): the estimate is 1, h is 2 and not 2e-6.
  Random random(6);
  AnyLayer<double> layer = ConvexPotential<double>();
  build(layer, Shape::flat(2), random);
  layer.parameters()[0]->value << 1000, 0, 0, 1;
  layer.state()[0]->value << 0, 1;
  layer.refresh_lipschitz(100);
  CHECK(scale_of(layer) == 2);
  CHECK(layer.lipschitz() == 1);
  CHECK(layer.lipschitz_upper_bound() >= 2e6 - 1);
}

TEST_CASE("ConvexPotential with zero weights is the identity") {
  Random random(7);
  AnyLayer<float> layer = ConvexPotential<float>();
  build(layer, {3, 3, 2}, random);
  for (auto* parameter : layer.parameters()) parameter->value.setZero();
  layer.refresh_lipschitz(5);
  CHECK(layer.lipschitz() == 1);
  CHECK(layer.lipschitz_upper_bound() == 1);
  const Tensor<float> x = check::random_tensor<float>({3, 3, 2}, 2, random);
  CHECK(layer.forward(x, {}).matrix() == x.matrix());
}

TEST_CASE("ConvexPotential with hostile values certifies nothing") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (const Shape input : {Shape::flat(4), Shape{3, 3, 2}})
    for (const float bad : {nan, inf, -inf}) {
      Random random(8);
      AnyLayer<float> layer = ConvexPotential<float>();
      build(layer, input, random);
      const AnyLayer<float> healthy = layer;
      CHECK(layer.rounding().relative < 1e-3);
      layer.parameters()[0]->value(1, 1) = bad;
      CHECK(layer.lipschitz_upper_bound() == infinite);
      CHECK(layer.rounding().relative == infinite);
      layer = healthy;
      layer.parameters()[1]->value(1) = bad;
      CHECK(layer.rounding().absolute == infinite);
      layer = healthy;
      layer.state()[1]->value(0) = bad;
      CHECK(layer.lipschitz_upper_bound() == infinite);
      CHECK(layer.rounding().relative == infinite);
    }
  Random random(9);
  AnyLayer<float> negative = ConvexPotential<float>();
  build(negative, Shape::flat(3), random);
  negative.state()[1]->value(0) = -1;
  CHECK(negative.lipschitz_upper_bound() == infinite);
  CHECK_THROWS_AS(ConvexPotential<float>({.scale = -1}), ArgumentError);
  CHECK_THROWS_AS(ConvexPotential<float>({.scale = infinite}), ArgumentError);
  CHECK_THROWS_AS(ConvexPotential<float>({.hidden = -1}), ArgumentError);
}

TEST_CASE("ConvexPotential shows an overflow that relu would hide") {
  Random random(10);
  AnyLayer<float> layer = ConvexPotential<float>(fixed({}, 1));
  build(layer, Shape::flat(2), random);
  layer.parameters()[0]->value << -3e38f, 0, 0, 1;
  Tensor<float> x(Shape::flat(2), 1);
  x.matrix() << 10, 1;  // W x = (-infinity, 1)
  CHECK(layer.forward(x, {}).matrix().hasNaN());
}

TEST_CASE("ConvexPotential's float result lies as near to the exact one as it states") {
  Random random(11);
  for (const PotentialCase& one : potential_cases()) {
    CAPTURE(one.input, one.options.hidden);
    AnyLayer<float> layer =
        check::ready<float>(ConvexPotential<float>(one.options), one.input, random);
    layer.refresh_lipschitz(20);
    const AnyLayer<double> twin = layer.cast<double>();
    const RoundingBound stated = layer.rounding();
    CHECK(stated.relative > 0);
    CHECK(stated.relative < 1e-4);
    CHECK(twin.rounding().relative < 1e-12);
    for (const double size : {1e-30, 1e-3, 1.0, 1e6, 1e20}) {
      Tensor<float> x = check::random_tensor<float>(one.input, 10, random);
      x.matrix() *= static_cast<float>(size);
      Tensor<double> wide(one.input, 10);
      wide.matrix() = x.matrix().cast<double>();
      const Tensor<float> y = layer.forward(x, {});
      const Tensor<double> exact = twin.forward(wide, {});
      for (Index n = 0; n < 10; ++n) {
        const double off = (y.matrix().col(n).cast<double>() - exact.matrix().col(n)).norm();
        CHECK(off <= stated.relative * wide.matrix().col(n).norm() + stated.absolute);
      }
    }
  }
}

TEST_CASE("Certificates hold for a network of convex potential layers") {
  GloroModel<float> model({4, 4, 2},
                          {ConvexPotential<float>(), ConvexPotential<float>({.hidden = 3}),
                           Dense<float>(6), ConvexPotential<float>(), Dense<float>(3)},
                          12);
  settle_lipschitz(model);
  const Certifier<float> certifier(model);
  const GloroModel<double> exact = model.cast<double>();
  Random random(13);
  int labelled = 0;
  for (int point = 0; point < 20; ++point) {
    const Tensor<float> x = check::random_tensor<float>({4, 4, 2}, 1, random);
    const Certificate answer = certifier.certify_image(x);
    if (answer.abstains()) continue;
    ++labelled;
    Tensor<double> nearby(x.shape(), 64);
    for (Index n = 0; n < 64; ++n)
      nearby.matrix().col(n) =
          x.matrix().col(0).cast<double>() +
          0.9999 * answer.radius * lipschitz::random_unit_vector<double>(32, random);
    const Tensor<double> logits = exact.logits(nearby);
    for (Index n = 0; n < 64; ++n) {
      Index top = 0;
      logits.matrix().col(n).maxCoeff(&top);
      CHECK(top == answer.label);
    }
  }
  CHECK(labelled >= 15);
}
