// The bodies of residual.hpp.
#pragma once

#include "gloro/layers/residual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/layers/detail/layer_list.hpp"
#include "gloro/lipschitz/power_iteration.hpp"
#include "gloro/rounding/sums.hpp"

namespace gloro {

namespace detail {

/// The convolution that f is, where I + A is one too: with the same kernel, 1 added where a channel of a
/// pixel meets itself.
template <std::floating_point Scalar>
[[nodiscard]] std::optional<LinearMap> foldable(const Chain<Scalar>& body, const Shape& input) {
  if (body.layers().size() != 1) return std::nullopt;
  const AnyLayer<Scalar>& layer = body.layers().front();
  const auto g = layer.convolution();
  if (!g || g->input != input || g->output != input || g->stride_height != 1 ||
      g->stride_width != 1 || g->pad_top >= g->kernel_height || g->pad_left >= g->kernel_width)
    return std::nullopt;
  const Matrix<Scalar>& weight = layer.parameters().at(0)->value;
  if (weight.rows() != input.channels || weight.cols() != g->taps()) return std::nullopt;
  return LinearMap(*g);
}

}  // namespace detail

template <std::floating_point Scalar>
Residual<Scalar>::Residual(ResidualOptions<Scalar> options) : body_(std::move(options.body)) {
  if (body_.layers().empty())
    throw ArgumentError("Residual needs a body of at least one layer, got none");
}

template <std::floating_point Scalar>
std::vector<Part<Scalar>> Residual<Scalar>::parts(Shape input) const {
  auto all = body_.parts(input);
  for (Part<Scalar>& part : all) part.name = "body." + part.name;
  return all;
}

template <std::floating_point Scalar>
Shape Residual<Scalar>::output_shape(Shape input) const {
  const Shape output = detail::in_part([&] { return body_.output_shape(input); }, "body");
  if (output != input)
    throw ShapeError(message("Residual adds what its body makes of ", input,
                             " to it: expected that shape, got ", output));
  return input;
}

template <std::floating_point Scalar>
double Residual<Scalar>::memory(Shape input) const {
  return static_cast<double>(input.size()) + body_.memory(input);
}

template <std::floating_point Scalar>
void Residual<Scalar>::place(Shape input) {
  input_ = output_shape(input);
  detail::in_part([&] { body_.place(input); }, "body");
  map_ = detail::foldable(body_, input);
  Random fixed(0x52);
  if (map_) right_.value = lipschitz::random_unit_vector<Scalar>(input.size(), fixed);
}

template <std::floating_point Scalar>
void Residual<Scalar>::draw(Random& random) {
  body_.draw(random);
  if (map_) right_.value = lipschitz::random_unit_vector<Scalar>(input_.size(), random);
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Residual<Scalar>::parameters() {
  return body_.parameters();
}

template <std::floating_point Scalar>
std::vector<Parameter<Scalar>*> Residual<Scalar>::state() {
  auto all = body_.state();
  if (map_) all.insert(all.begin(), &right_);
  return all;
}

template <std::floating_point Scalar>
Tensor<Scalar> Residual<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  Tensor<Scalar> y = body_.forward(x, pass);
  y.matrix() += x.matrix();
  return y;
}

template <std::floating_point Scalar>
Tensor<Scalar> Residual<Scalar>::backward(Tensor<Scalar> dy,
                                          const BackwardPass<Scalar>& pass) const {
  Tensor<Scalar> dx = body_.backward(dy, pass);
  if (!pass.input_gradient) return {};
  dx.matrix() += dy.matrix();
  return dx;
}

template <std::floating_point Scalar>
std::optional<Tensor<double>> Residual<Scalar>::definitions(const Tensor<double>& x) const {
  auto y = body_.definitions(x);
  if (y) y->matrix() += x.matrix();
  return y;
}

template <std::floating_point Scalar>
void Residual<Scalar>::refresh_lipschitz(int iterations, Workers* workers) {
  if (!map_) return body_.refresh_lipschitz(iterations, workers);
  const LinearMap adjoint = map_->adjoint();
  const Matrix<Scalar> turned = map_->adjoint_weights(weight());
  lipschitz::power_iteration(
      right_.value, iterations, [&](const Matrix<Scalar>& v) { return apply(v); },
      [&](const Matrix<Scalar>& u) { return Matrix<Scalar>(adjoint.apply(turned, u) + u); });
}

template <std::floating_point Scalar>
Scalar Residual<Scalar>::lipschitz(Workers* workers) const {
  return map_ ? apply(right_.value).norm() : 1 + body_.lipschitz(workers);
}

template <std::floating_point Scalar>
void Residual<Scalar>::lipschitz_backward(Scalar g,
                                          std::span<GradientView<Scalar>> gradients) const {
  if (!map_) return body_.lipschitz_backward(g, gradients);
  Matrix<Scalar> left = apply(right_.value);
  const Scalar norm = left.norm();
  if (!(norm > 0)) return;
  left *= g / norm;
  map_->add_gradient(right_.value.data(), left.data(), gradients[0], 1);
}

template <std::floating_point Scalar>
bool Residual<Scalar>::is_parametrized() const {
  return detail::any_is_parametrized<Scalar>(body_.layers());
}

template <std::floating_point Scalar>
void Residual<Scalar>::parametrization_backward(std::span<GradientView<Scalar>> gradients) const {
  detail::parametrization_backward_of<Scalar>(body_.layers(), gradients);
}

template <std::floating_point Scalar>
Residual<Scalar> Residual<Scalar>::plain() const {
  Residual other = *this;
  other.body_ = body_.plain();
  return other;
}

template <std::floating_point Scalar>
double Residual<Scalar>::lipschitz_upper_bound() const {
  if (map_ && !has_quick_bound()) return folded_upper_bound();
  return upper_bound_from(detail::upper_bounds_of<Scalar>(body_.layers()));
}

template <std::floating_point Scalar>
double Residual<Scalar>::upper_bound_from(std::span<const double> parts) const {
  const double apart = rounding::add_up(1, body_.upper_bound_from(parts));
  return map_ ? std::min(apart, folded_upper_bound()) : apart;
}

template <std::floating_point Scalar>
bool Residual<Scalar>::has_quick_bound() const {
  return map_ ? map_->has_quick_bound(weight()) : body_.has_quick_bound();
}

template <std::floating_point Scalar>
RoundingBound Residual<Scalar>::rounding() const {
  const detail::Growth of_body = body_.growth();
  const RoundingBound norms = RoundingBound{1, 0} + of_body.norm;
  return of_body.error + rounding::of_sums<Scalar>(2, input_.size()).at(norms);
}

template <std::floating_point Scalar>
Description Residual<Scalar>::describe() const {
  return {type, {{"body", detail::descriptions_of<Scalar>(body_.layers())}}};
}

template <std::floating_point Scalar>
Residual<Scalar> Residual<Scalar>::from(DescribedOptions& options) {
  return Residual({.body = options.layers<Scalar>("body")});
}

template <std::floating_point Scalar>
template <std::floating_point Other>
Residual<Other> Residual<Scalar>::cast() const {
  Residual<Other> other({.body = detail::cast_of<Other, Scalar>(body_.layers())});
  other.body_ = body_.template cast<Other>();
  other.input_ = input_;
  other.map_ = map_;
  other.right_.value = right_.value.template cast<Other>();
  return other;
}

template <std::floating_point Scalar>
const Matrix<Scalar>& Residual<Scalar>::weight() const {
  return body_.layers().front().parameters().front()->value;
}

template <std::floating_point Scalar>
Matrix<Scalar> Residual<Scalar>::apply(const Matrix<Scalar>& v) const {
  return map_->apply(weight(), v) + v;
}

template <std::floating_point Scalar>
double Residual<Scalar>::folded_upper_bound() const {
  const kernels::ConvolutionGeometry& g = map_->geometry();
  const Index own = (g.pad_top * g.kernel_width + g.pad_left) * g.input.channels;
  Matrix<double> folded = weight().template cast<double>();
  double largest = 0;
  for (Index c = 0; c < g.input.channels; ++c) {
    folded(c, own + c) += 1;
    largest = std::max(largest, std::abs(folded(c, own + c)));
  }
  using namespace rounding;
  return add_up(map_->upper_bound(folded), mul_up(gamma(1, unit_roundoff<double>()), largest));
}

#ifdef GLORO_COMPILING
template class Residual<float>;
template class Residual<double>;
GLORO_COMPOSITE_CASTS(Residual)
GLORO_HELD_LAYER(, Residual)
#endif

}  // namespace gloro
