// The bodies of average_pooling2d.hpp.
#pragma once

#include "gloro/layers/average_pooling2d.hpp"

#include <algorithm>
#include <cmath>

#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

template <std::floating_point Scalar>
AveragePooling2D<Scalar>::AveragePooling2D(PoolingOptions options) : window_(options) {}

template <std::floating_point Scalar>
AveragePooling2D<Scalar>::AveragePooling2D(Index pool)
    : AveragePooling2D(PoolingOptions{.pool = pool}) {}

template <std::floating_point Scalar>
Shape AveragePooling2D<Scalar>::output_shape(Shape input) const {
  return window_.on(input).output;
}

template <std::floating_point Scalar>
double AveragePooling2D<Scalar>::memory(Shape input) const {
  const auto g = window_.on(input);
  const auto axis = [](Index inputs, Index outputs) {
    return has_tight_axis(inputs, outputs)
               ? 4 * static_cast<double>(inputs) * static_cast<double>(outputs)
               : static_cast<double>(inputs);
  };
  return axis(g.input.height, g.output.height) + axis(g.input.width, g.output.width);
}

template <std::floating_point Scalar>
void AveragePooling2D<Scalar>::place(Shape input) {
  geometry_ = window_.on(input);
  bound_ = rounding::mul_up(
      axis_norm(geometry_.input.height, geometry_.output.height, &Placement::rows),
      axis_norm(geometry_.input.width, geometry_.output.width, &Placement::columns));
}

template <std::floating_point Scalar>
Tensor<Scalar> AveragePooling2D<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
  Tensor<Scalar> y(geometry_.output, x.batch());
  y.matrix().setZero();
  for_each_window(x.batch(), [&](Index out, Index in, Scalar weight) {
    channels(y, out) += weight * channels(x, in);
  });
  return y;
}

template <std::floating_point Scalar>
double AveragePooling2D<Scalar>::definition(const Tensor<double>& x, Index i) const {
  double sum = 0, count = 0;
  Placement::for_each_value(geometry_, x, i, [&](double value) {
    sum += value;
    ++count;
  });
  return sum / count;
}

template <std::floating_point Scalar>
Tensor<Scalar> AveragePooling2D<Scalar>::backward(Tensor<Scalar> dy,
                                                  const BackwardPass<Scalar>&) const {
  Tensor<Scalar> dx(geometry_.input, dy.batch());
  dx.matrix().setZero();
  for_each_window(dy.batch(), [&](Index out, Index in, Scalar weight) {
    channels(dx, in) += weight * channels(dy, out);
  });
  return dx;
}

template <std::floating_point Scalar>
Scalar AveragePooling2D<Scalar>::lipschitz() const {
  return static_cast<Scalar>(bound_);
}

template <std::floating_point Scalar>
bool AveragePooling2D<Scalar>::has_quick_bound() const {
  return !has_tight_axis(geometry_.input.height, geometry_.output.height) ||
         !has_tight_axis(geometry_.input.width, geometry_.output.width);
}

template <std::floating_point Scalar>
RoundingBound AveragePooling2D<Scalar>::rounding() const {
  using namespace rounding;
  const double depth = static_cast<double>(geometry_.kernel_height * geometry_.kernel_width) + 2;
  return RoundingBound{mul_up(gamma(depth, unit_roundoff<Scalar>()), bound_), 0} +
         underflow<Scalar>(2 * depth, static_cast<double>(geometry_.output.size()));
}

template <std::floating_point Scalar>
Description AveragePooling2D<Scalar>::describe() const {
  return window_.describe(type);
}

template <std::floating_point Scalar>
AveragePooling2D<Scalar> AveragePooling2D<Scalar>::from(DescribedOptions& options) {
  return AveragePooling2D(detail::PoolingWindow::from(options));
}

template <std::floating_point Scalar>
template <std::floating_point Other>
AveragePooling2D<Other> AveragePooling2D<Scalar>::cast() const {
  AveragePooling2D<Other> other(window_.options());
  other.geometry_ = geometry_;
  other.bound_ = bound_;
  return other;
}

template <std::floating_point Scalar>
template <typename Of>
double AveragePooling2D<Scalar>::axis_norm(Index inputs, Index outputs, Of of) const {
  if (!has_tight_axis(inputs, outputs)) return quick_axis_norm(inputs, outputs, of);
  Matrix<double> averaging = Matrix<double>::Zero(outputs, inputs);
  for (Index i = 0; i < outputs; ++i) {
    const auto range = of(geometry_, i);
    averaging.row(i)
        .segment(range.begin, range.size())
        .setConstant(1.0 / static_cast<double>(range.size()));
  }
  return rounding::mul_up(lipschitz::dense_upper_bound(averaging), 1 + 0x1p-50);
}

template <std::floating_point Scalar>
template <typename Of>
double AveragePooling2D<Scalar>::quick_axis_norm(Index inputs, Index outputs, Of of) const {
  Index smallest = inputs;
  for (Index i = 0; i < outputs; ++i) smallest = std::min(smallest, of(geometry_, i).size());
  const auto most = static_cast<double>(Placement::most_windows(geometry_, inputs, outputs, of));
  return rounding::sqrt_up(rounding::mul_up(most / static_cast<double>(smallest), 1 + 0x1p-50));
}

template <std::floating_point Scalar>
bool AveragePooling2D<Scalar>::has_tight_axis(Index inputs, Index outputs) {
  constexpr Index longest = 1024;
  return std::max(inputs, outputs) <= longest &&
         lipschitz::has_tight_dense_bound(outputs, inputs, 0);
}

template <std::floating_point Scalar>
Eigen::Map<Vector<Scalar>> AveragePooling2D<Scalar>::channels(Tensor<Scalar>& tensor,
                                                              Index offset) {
  return Eigen::Map<Vector<Scalar>>(tensor.data() + offset, tensor.shape().channels);
}

template <std::floating_point Scalar>
template <typename Visit>
void AveragePooling2D<Scalar>::for_each_window(Index batch, Visit&& visit) const {
  const Shape& in = geometry_.input;
  const Shape& out = geometry_.output;
  for (Index n = 0; n < batch; ++n)
    for (Index i = 0; i < out.height; ++i)
      for (Index j = 0; j < out.width; ++j) {
        const auto rows = Placement::rows(geometry_, i);
        const auto columns = Placement::columns(geometry_, j);
        const Scalar weight = Scalar(1) / static_cast<Scalar>(rows.size() * columns.size());
        for (Index r = rows.begin; r < rows.end; ++r)
          for (Index c = columns.begin; c < columns.end; ++c)
            visit(n * out.size() + (i * out.width + j) * out.channels,
                  n * in.size() + (r * in.width + c) * in.channels, weight);
      }
}

#ifdef GLORO_COMPILING
template class AveragePooling2D<float>;
template class AveragePooling2D<double>;
GLORO_LAYER_CASTS(AveragePooling2D)
GLORO_HELD_LAYER(, AveragePooling2D)
#endif

}  // namespace gloro
