// The bodies of dense.hpp.
#pragma once

#include "gloro/layers/dense.hpp"

#include <utility>

#include "gloro/core/detail/compensated_sum.hpp"
#include "gloro/core/error.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/kernels/product_gradients.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/linear_rounding.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/power_iteration.hpp"

namespace gloro {

template <std::floating_point Scalar>
Dense<Scalar>::Dense(DenseOptions options) : options_(options) {
  if (options.units < 1)
    throw ArgumentError(message("Dense needs units >= 1, got ", options.units));
}

template <std::floating_point Scalar>
Dense<Scalar>::Dense(Index units) : Dense(DenseOptions{.units = units}) {}

template <std::floating_point Scalar>
Shape Dense<Scalar>::output_shape(Shape input) const {
  if (input.size() < 1) throw ShapeError(message("Dense got an empty input of ", input));
  return Shape::flat(options_.units);
}

template <std::floating_point Scalar>
double Dense<Scalar>::memory(Shape input) const {
  return Base::memory_of(options_.units, input.size(), input.size());
}

template <std::floating_point Scalar>
void Dense<Scalar>::place(Shape input) {
  Base::place(options_.units, {.row = input, .flat = true}, options_.bias, input.size());
}

template <std::floating_point Scalar>
void Dense<Scalar>::draw(Random& random) {
  Base::draw(options_.initializer, 1, random);
}

template <std::floating_point Scalar>
kernels::ConvolutionGeometry Dense<Scalar>::convolution() const {
  const Shape& input = weight_.layout.row;
  return {.input = input,
          .output = Shape::flat(options_.units),
          .kernel_height = input.height,
          .kernel_width = input.width};
}

template <std::floating_point Scalar>
Tensor<Scalar> Dense<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  Tensor<Scalar> y(Shape::flat(options_.units), x.batch());
  kernels::multiply<Scalar>({.outputs = options_.units,
                             .inputs = x.shape().size(),
                             .batch = x.batch(),
                             .weights = weight_.value.data(),
                             .bias = bias_data(),
                             .x = x.data(),
                             .y = y.data()},
                            pass.workers);
  pass.keep(std::move(x));
  return y;
}

template <std::floating_point Scalar>
double Dense<Scalar>::definition(const Tensor<double>& x, Index i) const {
  CompensatedSum sum(has_bias() ? static_cast<double>(bias_.value(i, 0)) : 0);
  for (Index j = 0; j < weight_.value.cols(); ++j)
    sum.add(static_cast<double>(weight_.value(i, j)) * x.data()[j]);
  return sum.value();
}

template <std::floating_point Scalar>
Tensor<Scalar> Dense<Scalar>::backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> x = pass.tape.pop();
  if (!pass.gradients.empty()) {
    kernels::outer_add<Scalar>({.outputs = options_.units,
                                .inputs = x.shape().size(),
                                .batch = x.batch(),
                                .x = x.data(),
                                .dy = dy.data(),
                                .dweights = pass.gradients[0].data()});
    if (has_bias()) pass.gradients[1] += dy.matrix().rowwise().sum();
  }
  if (!pass.input_gradient) return {};
  Tensor<Scalar> dx(x.shape(), x.batch());
  kernels::multiply_transposed<Scalar>({.outputs = options_.units,
                                        .inputs = x.shape().size(),
                                        .batch = x.batch(),
                                        .weights = weight_.value.data(),
                                        .dy = dy.data(),
                                        .dx = dx.data()});
  return dx;
}

template <std::floating_point Scalar>
void Dense<Scalar>::refresh_lipschitz(int iterations, Workers* workers) {
  auto right = right_.value.col(0);
  lipschitz::power_iteration(
      right, iterations, [&](const auto& v) { return apply(v, workers); },
      [&](const auto& u) {
        Vector<Scalar> next(weight_.value.cols());
        kernels::multiply_transposed<Scalar>({.outputs = weight_.value.rows(),
                                              .inputs = weight_.value.cols(),
                                              .weights = weight_.value.data(),
                                              .dy = u.data(),
                                              .dx = next.data()},
                                             workers);
        return next;
      });
}

template <std::floating_point Scalar>
Scalar Dense<Scalar>::lipschitz(Workers* workers) const {
  return apply(right_.value.col(0), workers).norm();
}

template <std::floating_point Scalar>
void Dense<Scalar>::lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
  Vector<Scalar> left = apply(right_.value.col(0));
  const Scalar norm = left.norm();
  if (!(norm > 0)) return;
  left *= g / norm;
  gradients[0].noalias() += left * right_.value.col(0).transpose();
}

template <std::floating_point Scalar>
double Dense<Scalar>::lipschitz_upper_bound() const {
  return lipschitz::dense_upper_bound(weight_.value);
}

template <std::floating_point Scalar>
bool Dense<Scalar>::has_quick_bound() const {
  const Matrix<Scalar>& weight = weight_.value;
  return !lipschitz::has_tight_dense_bound(weight.rows(), weight.cols(),
                                           static_cast<double>(weight.size()));
}

template <std::floating_point Scalar>
RoundingBound Dense<Scalar>::rounding() const {
  return dense_rounding(weight_.value, bias_.value);
}

template <std::floating_point Scalar>
Description Dense<Scalar>::describe() const {
  Description description{type, {{"units", options_.units}}};
  if (!options_.bias) description.options.emplace_back("bias", false);
  return description;
}

template <std::floating_point Scalar>
Dense<Scalar> Dense<Scalar>::from(DescribedOptions& options) {
  return Dense({.units = options.number("units"), .bias = options.truth("bias", true)});
}

template <std::floating_point Scalar>
template <std::floating_point Other>
Dense<Other> Dense<Scalar>::cast() const {
  Dense<Other> other(options_);
  other.take(*this);
  return other;
}

template <std::floating_point Scalar>
Vector<Scalar> Dense<Scalar>::apply(const Eigen::Ref<const Vector<Scalar>>& v,
                                    Workers* workers) const {
  Vector<Scalar> u(weight_.value.rows());
  kernels::multiply<Scalar>({.outputs = weight_.value.rows(),
                             .inputs = weight_.value.cols(),
                             .weights = weight_.value.data(),
                             .x = v.data(),
                             .y = u.data()},
                            workers);
  return u;
}

#ifdef GLORO_COMPILING
template class Dense<float>;
template class Dense<double>;
GLORO_LAYER_CASTS(Dense)
GLORO_HELD_LAYER(, Dense)
#endif

}  // namespace gloro
