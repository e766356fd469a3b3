// The bodies of average_pooling2d.hpp.
#pragma once

#include "gloro/layers/average_pooling2d.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "gloro/layers/described_options.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

template <std::floating_point Scalar>
AveragePooling2D<Scalar>::AveragePooling2D(PoolingOptions options, Averaging averaging)
    : window_(options), averaging_(averaging) {}

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
  Scalar own = 0;
  const auto weigh = [&](Index pixels) { own = weight<Scalar>(pixels); };
  Placement::for_each_pixel(geometry_, x.batch(), weigh, [&](Index out, Index in) {
    channels(y, out) += own * channels(x, in);
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
  return averaging_ == Averaging::mean ? sum / count : sum / std::sqrt(count);
}

template <std::floating_point Scalar>
Tensor<Scalar> AveragePooling2D<Scalar>::backward(Tensor<Scalar> dy,
                                                  const BackwardPass<Scalar>&) const {
  Tensor<Scalar> dx(geometry_.input, dy.batch());
  dx.matrix().setZero();
  Scalar own = 0;
  const auto weigh = [&](Index pixels) { own = weight<Scalar>(pixels); };
  Placement::for_each_pixel(geometry_, dy.batch(), weigh, [&](Index out, Index in) {
    channels(dx, in) += own * channels(dy, out);
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
  const double own = averaging_ == Averaging::mean ? 2 : 3;
  const double depth = static_cast<double>(geometry_.kernel_height * geometry_.kernel_width) + own;
  return RoundingBound{mul_up(gamma(depth, unit_roundoff<Scalar>()), bound_), 0} +
         underflow<Scalar>(2 * depth, static_cast<double>(geometry_.output.size()));
}

template <std::floating_point Scalar>
Description AveragePooling2D<Scalar>::describe() const {
  Description description = window_.describe(type);
  if (averaging_ == Averaging::scaled)
    description.options.emplace_back("averaging", std::string("scaled"));
  return description;
}

template <std::floating_point Scalar>
AveragePooling2D<Scalar> AveragePooling2D<Scalar>::from(DescribedOptions& options) {
  const bool mean = options.choice("averaging", {"mean", "scaled"}, 0) == 0;
  return AveragePooling2D(detail::PoolingWindow::from(options),
                          mean ? Averaging::mean : Averaging::scaled);
}

template <std::floating_point Scalar>
template <std::floating_point Other>
AveragePooling2D<Other> AveragePooling2D<Scalar>::cast() const {
  AveragePooling2D<Other> other(window_.options(), averaging_);
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
    averaging.row(i).segment(range.begin, range.size()).setConstant(weight<double>(range.size()));
  }
  return rounding::mul_up(lipschitz::dense_upper_bound(averaging), 1 + 0x1p-50);
}

template <std::floating_point Scalar>
template <typename Of>
double AveragePooling2D<Scalar>::quick_axis_norm(Index inputs, Index outputs, Of of) const {
  Index smallest = inputs, largest = 1;
  for (Index i = 0; i < outputs; ++i) {
    smallest = std::min(smallest, of(geometry_, i).size());
    largest = std::max(largest, of(geometry_, i).size());
  }
  const auto most = static_cast<double>(Placement::most_windows(geometry_, inputs, outputs, of));
  const auto least = static_cast<double>(smallest);
  const double squared = averaging_ == Averaging::mean
                             ? most / least
                             : most * std::sqrt(static_cast<double>(largest) / least);
  return rounding::sqrt_up(rounding::mul_up(squared, 1 + 0x1p-50));
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
template <typename Real>
Real AveragePooling2D<Scalar>::weight(Index n) const {
  const auto pixels = static_cast<Real>(n);
  return Real(1) / (averaging_ == Averaging::mean ? pixels : std::sqrt(pixels));
}

#ifdef GLORO_COMPILING
template class AveragePooling2D<float>;
template class AveragePooling2D<double>;
GLORO_LAYER_CASTS(AveragePooling2D)
GLORO_HELD_LAYER(, AveragePooling2D)
#endif

}  // namespace gloro
