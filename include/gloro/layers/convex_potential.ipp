// The bodies of convex_potential.hpp.
#pragma once

#include "gloro/layers/convex_potential.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/detail/defined_convolution.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/lipschitz/power_iteration.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

template <std::floating_point Scalar>
ConvexPotential<Scalar>::ConvexPotential(ConvexPotentialOptions options)
    : options_(options),
      scale_{
          .name = "scale",
          .value = Matrix<Scalar>::Constant(1, 1, static_cast<Scalar>(options.scale.value_or(0)))} {
  if (options.hidden < 0)
    throw ArgumentError(message("ConvexPotential needs hidden >= 0, got ", options.hidden));
  const double h = options.scale.value_or(0);
  if (!(h >= 0 && std::isfinite(h)))
    throw ArgumentError(message("ConvexPotential needs a finite scale >= 0, got ", h));
}

template <std::floating_point Scalar>
Shape ConvexPotential<Scalar>::output_shape(Shape input) const {
  (void)on(input);
  return input;
}

template <std::floating_point Scalar>
double ConvexPotential<Scalar>::memory(Shape input) const {
  const kernels::ConvolutionGeometry g = on(input);
  return 2 * Base::memory_of(g.output.channels, g.taps(), input.size()) +
         static_cast<double>(g.output.size()) + LinearMap(g).scratch();
}

template <std::floating_point Scalar>
void ConvexPotential<Scalar>::place(Shape input) {
  map_ = LinearMap(on(input));
  const kernels::ConvolutionGeometry& g = map_.geometry();
  Base::place(g.output.channels, {.row = {g.kernel_height, g.kernel_width, g.input.channels}},
              options_.bias, input.size());
}

template <std::floating_point Scalar>
void ConvexPotential<Scalar>::draw(Random& random) {
  const kernels::ConvolutionGeometry& g = map_.geometry();
  Base::draw(options_.initializer, g.kernel_height * g.kernel_width, random);
  if (is_following()) refresh_lipschitz(10);  // h must not be far off from the first sample on
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> ConvexPotential<Scalar>::state() {
  return {&right_, &scale_};
}

template <std::floating_point Scalar>
Tensor<Scalar> ConvexPotential<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  Tensor<Scalar> active = map_.apply(weight_.value, bias_data(), x);
  // NaN stays NaN, and an overflow to minus infinity becomes it: the certificate must see them.
  active.matrix() = active.matrix().unaryExpr([](Scalar v) { return v < 0 ? v * 0 : v; });
  Tensor<Scalar> y = transposed(active);
  y.matrix() = x.matrix() - scale() * y.matrix();
  pass.keep(std::move(x));
  pass.keep(std::move(active));
  return y;
}

template <std::floating_point Scalar>
double ConvexPotential<Scalar>::definition(const Tensor<double>& x, Index i) const {
  const kernels::ConvolutionGeometry& g = map_.geometry();
  const double down = defined_adjoint(g, weight_.value, i, [&](Index u) {
    return std::max(defined_convolution(g, weight_.value, bias_.value, x, u), 0.0);
  });
  return x.data()[i] - static_cast<double>(scale()) * down;
}

template <std::floating_point Scalar>
Tensor<Scalar> ConvexPotential<Scalar>::backward(Tensor<Scalar> dy,
                                                 const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> active = pass.tape.pop(), x = pass.tape.pop();
  Tensor<Scalar> down = dy;  // by W^T relu(W x + b)
  down.matrix() *= -scale();
  Tensor<Scalar> inner = map_.apply<Scalar>(weight_.value, nullptr, down);  // by relu, W x + b
  inner.matrix().array() *= (active.matrix().array() > 0).template cast<Scalar>();
  if (!pass.gradients.empty()) {
    GradientView<Scalar>& gradient = pass.gradients[0];
    map_.add_gradient(down.data(), active.data(), gradient, x.batch());
    map_.add_gradient(x.data(), inner.data(), gradient, x.batch());
    if (is_following())
      add_gradient_of_scale(inner.matrix().cwiseProduct(active.matrix()).sum(), gradient);
    if (has_bias()) {
      const Eigen::Map<const Matrix<Scalar>> pixels(inner.data(), weight_.value.rows(),
                                                    inner.size() / weight_.value.rows());
      pass.gradients[1] += pixels.rowwise().sum();
    }
  }
  if (!pass.input_gradient) return {};
  Tensor<Scalar> dx = transposed(inner);
  dx.matrix() += dy.matrix();
  return dx;
}

template <std::floating_point Scalar>
void ConvexPotential<Scalar>::refresh_lipschitz(int iterations) {
  const LinearMap adjoint = map_.adjoint();
  const Matrix<Scalar> turned = map_.adjoint_weights(weight_.value);
  lipschitz::power_iteration(
      right_.value, iterations, [&](const auto& v) { return map_.apply(weight_.value, v); },
      [&](const auto& u) { return adjoint.apply(turned, u); });
  if (!is_following()) return;
  const double h = 2 / squared_norm();
  scale_.value(0, 0) = h < static_cast<double>(std::numeric_limits<Scalar>::max())
                           ? static_cast<Scalar>(h)
                           : Scalar(0);  // W = 0: the identity
}

template <std::floating_point Scalar>
Scalar ConvexPotential<Scalar>::lipschitz() const {
  return static_cast<Scalar>(std::max(1.0, static_cast<double>(scale()) * squared_norm() - 1));
}

template <std::floating_point Scalar>
void ConvexPotential<Scalar>::lipschitz_backward(Scalar g,
                                                 std::span<GradientView<Scalar>> gradients) const {
  if (is_following() || !(lipschitz() > 1)) return;
  const Matrix<Scalar> left = 2 * g * scale() * map_.apply(weight_.value, right_.value);
  map_.add_gradient(right_.value.data(), left.data(), gradients[0], 1);
}

template <std::floating_point Scalar>
double ConvexPotential<Scalar>::lipschitz_upper_bound() const {
  const auto h = static_cast<double>(scale());
  if (!(h >= 0)) return infinity;
  const double norm = map_.upper_bound(weight_.value);
  return std::max(1.0, rounding::add_up(rounding::mul_up(h, rounding::mul_up(norm, norm)), -1));
}

template <std::floating_point Scalar>
bool ConvexPotential<Scalar>::has_quick_bound() const {
  return map_.has_quick_bound(weight_.value);
}

template <std::floating_point Scalar>
RoundingBound ConvexPotential<Scalar>::rounding() const {
  using namespace rounding;
  const auto h = static_cast<double>(scale());
  if (!(h >= 0 && h < infinity)) return RoundingBound::unknown();
  const kernels::ConvolutionGeometry& g = map_.geometry();
  const auto pixels = static_cast<double>(g.output.height * g.output.width);
  const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
  // In double the rounding is below anything that counts: the quick bound of ||W|| will do.
  const double norm = std::same_as<Scalar, double> ? map_.magnitude(weight_.value)
                                                   : map_.upper_bound(weight_.value);
  const double offset = mul_up(lipschitz::frobenius_bound(bias_.value), sqrt_up(pixels));
  RoundingBound first = map_.rounding(weight_.value, bias_.value);
  // relu's < 0
  first.absolute =
      add_up(first.absolute, mul_up(tiny, sqrt_up(static_cast<double>(g.output.size()))));
  const RoundingBound active = RoundingBound{norm, offset} + first;
  const RoundingBound second =
      map_.adjoint().rounding(map_.adjoint_weights(weight_.value), {}).at(active);
  const RoundingBound down = norm * active + second;
  const RoundingBound error = norm * first + second;
  const RoundingBound last = gamma(2, unit_roundoff<Scalar>()) * (RoundingBound{1, 0} + h * down) +
                             underflow<Scalar>(2, static_cast<double>(g.input.size()), h);
  // An h that is read as zero is lost with all that it multiplies.
  return h * error + last + (h < tiny ? tiny * down : RoundingBound{});
}

template <std::floating_point Scalar>
Description ConvexPotential<Scalar>::describe() const {
  const kernels::ConvolutionGeometry& g = map_.geometry();
  Description description{type,
                          {{"hidden", g.output.channels},
                           {"kernel", Extent(g.kernel_height, g.kernel_width).described()},
                           {"scale", static_cast<double>(scale())}}};
  if (!options_.bias) description.options.emplace_back("bias", false);
  return description;
}

template <std::floating_point Scalar>
ConvexPotential<Scalar> ConvexPotential<Scalar>::from(DescribedOptions& options) {
  return ConvexPotential({.hidden = options.number("hidden"),
                          .kernel = options.extent("kernel"),
                          .bias = options.truth("bias", true),
                          .scale = options.real("scale")});
}

template <std::floating_point Scalar>
template <std::floating_point Other>
ConvexPotential<Other> ConvexPotential<Scalar>::cast() const {
  ConvexPotential<Other> other(options_);
  other.map_ = map_;
  other.take(*this);
  other.scale_.value = scale_.value.template cast<Other>();
  return other;
}

template <std::floating_point Scalar>
kernels::ConvolutionGeometry ConvexPotential<Scalar>::on(const Shape& input) const {
  if (input.size() < 1) throw ShapeError(message("ConvexPotential got an empty input of ", input));
  const Extent kernel = input.is_flat() ? Extent(1) : options_.kernel;
  return Window{kernel, 1, Padding::same}.on(
      input, options_.hidden > 0 ? options_.hidden : input.channels);
}

template <std::floating_point Scalar>
Tensor<Scalar> ConvexPotential<Scalar>::transposed(const Tensor<Scalar>& u) const {
  return map_.adjoint().apply<Scalar>(map_.adjoint_weights(weight_.value), nullptr, u);
}

template <std::floating_point Scalar>
double ConvexPotential<Scalar>::squared_norm() const {
  return map_.apply(weight_.value, right_.value).template cast<double>().squaredNorm();
}

template <std::floating_point Scalar>
void ConvexPotential<Scalar>::add_gradient_of_scale(Scalar slope,
                                                    GradientView<Scalar>& gradient) const {
  Matrix<Scalar> left = map_.apply(weight_.value, right_.value);
  const Scalar squares = left.squaredNorm();
  if (!(squares > 0)) return;
  left *= -2 * slope / squares;
  map_.add_gradient(right_.value.data(), left.data(), gradient, 1);
}

#ifdef GLORO_COMPILING
template class ConvexPotential<float>;
template class ConvexPotential<double>;
GLORO_LAYER_CASTS(ConvexPotential)
GLORO_HELD_LAYER(, ConvexPotential)
#endif

}  // namespace gloro
