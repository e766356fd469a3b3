// What every layer is held to: its gradients against central differences, its Lipschitz constants
// against the norm of its explicit matrix and against pairs of points, its float version against
// double. Works on AnyLayer, so that a user's own layer is checked the same way.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "catch.hpp"
#include "gloro/core/random.hpp"
#include "gloro/core/tape.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/testing/central_difference.hpp"

namespace check {

using namespace gloro;
using testing::central_difference;

template <typename Scalar>
Tensor<Scalar> random_tensor(Shape shape, Index batch, Random& random) {
  Tensor<Scalar> tensor(shape, batch);
  for (Index i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<Scalar>(random.normal());
  return tensor;
}

/// A layer made for `input`, all its parameters drawn anew, so that biases are not zero.
template <typename Scalar>
AnyLayer<Scalar> ready(AnyLayer<Scalar> layer, Shape input, Random& random) {
  (void)layer.output_shape(input);
  build(layer, input, random);
  for (auto* parameter : layer.parameters())
    for (Index i = 0; i < parameter->value.size(); ++i)
      parameter->value(i) = static_cast<Scalar>(random.normal());
  return layer;
}

/// Norm-wise bound of the rounding errors of sums of up to `terms` products, with slack for a few
/// operations more.
template <typename Scalar>
double tolerance(Index terms, double magnitude) {
  return static_cast<double>(terms + 8) *
         static_cast<double>(std::numeric_limits<Scalar>::epsilon()) * magnitude;
}

inline constexpr double step = 0x1p-16;
/// Error of a central difference of a function of size and third derivative about 1: truncation
/// step^2 / 6 = 4e-11, rounding about 100 u / step = 7e-10.
inline constexpr double difference_error = 1e-8;

inline void check_close(double found, double expected) {
  CHECK(std::abs(found - expected) <= difference_error * (1 + std::abs(expected)));
}

/// dx and the gradients of the parameters of sum(weights * f(x)), against central differences.
inline void check_gradients(AnyLayer<double> layer, Shape input, Index batch, Random& random) {
  Tensor<double> x = random_tensor<double>(input, batch, random);
  const Tensor<double> weights = random_tensor<double>(layer.output_shape(input), batch, random);
  const auto value = [&] {
    return layer.forward(x, {}).matrix().cwiseProduct(weights.matrix()).sum();
  };
  Tape<double> tape;
  const Tensor<double> y = layer.forward(x, {.tape = &tape});
  REQUIRE(y.shape() == weights.shape());
  REQUIRE(y.batch() == batch);
  CHECK(y.matrix() == layer.forward(x, {}).matrix());
  Gradients<double> gradients(std::as_const(layer).parameters());
  gradients.flat().setConstant(1);  // backward adds to what it finds
  const Tensor<double> dx = layer.backward(weights, {.tape = tape, .gradients = gradients.views()});
  CHECK(tape.empty());
  REQUIRE(dx.shape() == input);

  for (Index i = 0; i < x.size(); ++i)
    check_close(dx.data()[i], central_difference(x.data()[i], step, value));
  const auto parameters = layer.parameters();
  for (std::size_t p = 0; p < parameters.size(); ++p)
    for (Index i = 0; i < parameters[p]->value.size(); ++i)
      check_close(gradients.views()[p].data()[i] - 1,
                  central_difference(parameters[p]->value(i), step, value));

  // Without views nothing is added, and the input's gradient is the same.
  Tape<double> again;
  (void)layer.forward(x, {.tape = &again});
  CHECK(layer.backward(weights, {.tape = again}).matrix() == dx.matrix());
  // Where the input's gradient is not wanted, the parameters' are the same.
  Gradients<double> others(std::as_const(layer).parameters());
  others.flat().setConstant(1);
  (void)layer.forward(x, {.tape = &again});
  (void)layer.backward(weights,
                       {.tape = again, .gradients = others.views(), .input_gradient = false});
  CHECK(others.flat() == gradients.flat());
  CHECK(again.empty());
}

/// The gradient of the estimate, the stored vectors held fixed, against central differences.
inline void check_lipschitz_gradient(AnyLayer<double> layer) {
  Gradients<double> gradients(std::as_const(layer).parameters());
  gradients.flat().setConstant(1);
  layer.lipschitz_backward(0.75, gradients.views());
  const auto parameters = layer.parameters();
  for (std::size_t p = 0; p < parameters.size(); ++p)
    for (Index i = 0; i < parameters[p]->value.size(); ++i)
      check_close(gradients.views()[p].data()[i] - 1,
                  central_difference(parameters[p]->value(i), step,
                                     [&] { return 0.75 * layer.lipschitz(); }));
}

/// The matrix of an affine layer, from what it does to unit vectors.
template <typename Scalar>
Matrix<double> explicit_matrix(const AnyLayer<Scalar>& layer, Shape input) {
  Tensor<Scalar> units(input, input.size() + 1);
  units.matrix().setZero();
  units.matrix().rightCols(input.size()).setIdentity();
  const Tensor<Scalar> images = layer.forward(std::move(units), {});
  const Matrix<double> values = images.matrix().template cast<double>();
  return values.rightCols(input.size()).colwise() - values.col(0);
}

/// Largest singular value, by one-sided Jacobi rotations (Hestenes 1958): columns are turned in pairs
/// until all are orthogonal, but for rounding; their lengths are the singular values.
inline double spectral_norm(const Matrix<double>& matrix) {
  Matrix<double> a = matrix;
  if (a.rows() < a.cols()) a = matrix.transpose().eval();
  const auto dot = [&a](Index p, Index q) {
    double sum = 0;
    for (Index i = 0; i < a.rows(); ++i) sum += a(i, p) * a(i, q);
    return sum;
  };
  const double negligible = 1e-15 * a.squaredNorm();
  bool is_done = false;
  for (int sweep = 0; sweep < 40 && !is_done; ++sweep) {  // convergence is quadratic: about ten
    is_done = true;
    for (Index p = 0; p < a.cols(); ++p)
      for (Index q = p + 1; q < a.cols(); ++q) {
        const double pp = dot(p, p), qq = dot(q, q), pq = dot(p, q);
        if (std::abs(pq) <= negligible) continue;
        is_done = false;
        const double zeta = (qq - pp) / (2 * pq);
        const double t = (zeta < 0 ? -1 : 1) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
        const double c = 1 / std::sqrt(1 + t * t), s = c * t;
        for (Index i = 0; i < a.rows(); ++i) {
          const double x = a(i, p), y = a(i, q);
          a(i, p) = c * x - s * y;
          a(i, q) = s * x + c * y;
        }
      }
  }
  CHECK(is_done);
  double largest = 0;
  for (Index p = 0; p < a.cols(); ++p) largest = std::max(largest, dot(p, p));
  return std::sqrt(largest);
}

/// |f(a) - f(b)| <= bound |a - b| on random pairs far and near, rounding apart.
template <typename Scalar>
void check_stretch(const AnyLayer<Scalar>& layer, Shape input, Random& random) {
  const double bound = layer.lipschitz_upper_bound();
  constexpr Index pairs = 20;
  Tensor<Scalar> a = random_tensor<Scalar>(input, pairs, random), b = a;
  for (Index n = 0; n < pairs; ++n) {
    const auto size = static_cast<Scalar>(n % 2 == 0 ? 1.0 : 0.01);
    for (Index i = 0; i < input.size(); ++i)
      b.sample(n)[i] += size * static_cast<Scalar>(random.normal());
  }
  const Tensor<Scalar> fa = layer.forward(a, {}), fb = layer.forward(b, {});
  for (Index n = 0; n < pairs; ++n) {
    const auto distance = [n](const Tensor<Scalar>& p, const Tensor<Scalar>& q) {
      return (p.matrix().col(n).template cast<double>() - q.matrix().col(n).template cast<double>())
          .norm();
    };
    const auto magnitude =
        static_cast<double>(fa.matrix().col(n).norm() + fb.matrix().col(n).norm() +
                            Scalar(bound) * a.matrix().col(n).norm());
    CHECK(distance(fa, fb) <= bound * distance(a, b) + tolerance<Scalar>(input.size(), magnitude));
  }
}

/// How far the estimate of an affine layer may lie from the norm of its matrix, relatively, after a
/// thousand steps; a layer whose norm is known may state it from above.
struct Estimate {
  double below = 1e-3;
  double above = 0;
};

/// Estimate and rigorous bound of an affine layer against the norm of its matrix.
template <typename Scalar>
void check_lipschitz(AnyLayer<Scalar> layer, Shape input, Random& random, Estimate allowed = {}) {
  const double norm = spectral_norm(explicit_matrix(layer, input));
  const double rounding = tolerance<Scalar>(input.size(), norm);
  CHECK(static_cast<double>(layer.lipschitz()) <= norm * (1 + allowed.above) + rounding);
  layer.refresh_lipschitz(1000);
  CHECK(static_cast<double>(layer.lipschitz()) <= norm * (1 + allowed.above) + rounding);
  CHECK(static_cast<double>(layer.lipschitz()) >= norm * (1 - allowed.below) - rounding);
  // The matrix of a float layer was itself rounded.
  const double own = std::is_same_v<Scalar, double> ? 1e-13 * norm : rounding;
  CHECK(layer.lipschitz_upper_bound() >= norm - own);
  check_stretch(layer, input, random);
}

/// A float layer gives what its double twin gives, forward and backward.
inline void check_cast(const AnyLayer<float>& layer, Shape input, Index batch, Random& random) {
  const AnyLayer<double> twin = layer.cast<double>();
  const Tensor<float> x = random_tensor<float>(input, batch, random);
  const auto widened = [](const Tensor<float>& tensor) {
    Tensor<double> wide(tensor.shape(), tensor.batch());
    wide.matrix() = tensor.matrix().cast<double>();
    return wide;
  };
  Tape<float> tape;
  Tape<double> tape_of_twin;
  const Tensor<float> y = layer.forward(x, {.tape = &tape});
  const Tensor<double> exact = twin.forward(widened(x), {.tape = &tape_of_twin});
  const auto near = [&](const auto& found, const auto& expected) {
    const double magnitude = 1 + expected.norm();
    CHECK((found.template cast<double>() - expected).norm() <=
          tolerance<float>(input.size() * batch, magnitude));
  };
  near(y.matrix(), exact.matrix());
  const Tensor<float> dy = random_tensor<float>(y.shape(), batch, random);
  Gradients<float> gradients(layer.parameters());
  Gradients<double> exact_gradients(twin.parameters());
  const auto dx = layer.backward(dy, {.tape = tape, .gradients = gradients.views()});
  const auto exact_dx =
      twin.backward(widened(dy), {.tape = tape_of_twin, .gradients = exact_gradients.views()});
  near(dx.matrix(), exact_dx.matrix());
  near(gradients.flat(), exact_gradients.flat());
  gradients.set_zero();
  exact_gradients.set_zero();
  layer.lipschitz_backward(1, gradients.views());
  twin.lipschitz_backward(1, exact_gradients.views());
  near(gradients.flat(), exact_gradients.flat());
  CHECK(static_cast<double>(layer.lipschitz()) == Approx(twin.lipschitz()).epsilon(1e-5));
  CHECK(twin.lipschitz_upper_bound() == Approx(layer.lipschitz_upper_bound()).epsilon(1e-12));
}

/// All of the above for an affine layer in both precisions; `make(scalar)` makes it for a Scalar.
template <typename Make>
void check_affine(Make&& make, Shape input, Index batch, Random& random, Estimate allowed = {}) {
  const AnyLayer<double> exact = ready<double>(make(double{}), input, random);
  const AnyLayer<float> single = ready<float>(make(float{}), input, random);
  check_gradients(exact, input, batch, random);
  check_lipschitz_gradient(exact);
  check_lipschitz(exact, input, random, allowed);
  check_lipschitz(single, input, random, allowed);
  check_cast(single, input, batch, random);
}

}  // namespace check
