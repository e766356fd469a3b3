// The bodies of l2_pooling2d.hpp.
#pragma once

#include "gloro/layers/l2_pooling2d.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/infinity.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro {

template <std::floating_point Scalar>
L2Pooling2D<Scalar>::L2Pooling2D(PoolingOptions options) : window_(options) {}

template <std::floating_point Scalar>
L2Pooling2D<Scalar>::L2Pooling2D(Index pool) : L2Pooling2D(PoolingOptions{.pool = pool}) {}

template <std::floating_point Scalar>
Shape L2Pooling2D<Scalar>::output_shape(Shape input) const {
  return window_.on(input).output;
}

template <std::floating_point Scalar>
void L2Pooling2D<Scalar>::place(Shape input) {
  geometry_ = window_.on(input);
}

template <std::floating_point Scalar>
Tensor<Scalar> L2Pooling2D<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  const Index channels = x.shape().channels;
  Tensor<Scalar> y(geometry_.output, x.batch());
  y.matrix().setZero();
  detail::PoolingWindow::for_each_pixel(
      geometry_, x.batch(), [](Index) {},
      [&](Index out, Index in) {
        for (Index c = 0; c < channels; ++c) {
          const Scalar value = x.data()[in + c];
          y.data()[out + c] += value * value;
        }
      });
  // Not Eigen's cwiseSqrt(), which on x86 refines an estimate and errs by more than half an ulp.
  for (Index i = 0; i < y.size(); ++i) y.data()[i] = std::sqrt(y.data()[i]);
  if (pass.tape) {
    pass.keep(std::move(x));
    pass.keep(y);
  }
  return y;
}

template <std::floating_point Scalar>
double L2Pooling2D<Scalar>::definition(const Tensor<double>& x, Index i) const {
  double norm = 0;
  detail::PoolingWindow::for_each_value(geometry_, x, i,
                                        [&](double value) { norm = std::hypot(norm, value); });
  return norm;
}

template <std::floating_point Scalar>
Tensor<Scalar> L2Pooling2D<Scalar>::backward(Tensor<Scalar> dy,
                                             const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> y = pass.tape.pop(), x = pass.tape.pop();
  for (Index i = 0; i < dy.size(); ++i)
    dy.data()[i] = y.data()[i] > 0 ? dy.data()[i] / y.data()[i] : Scalar(0);
  const Index channels = x.shape().channels;
  Tensor<Scalar> dx(x.shape(), x.batch());
  dx.matrix().setZero();
  detail::PoolingWindow::for_each_pixel(
      geometry_, x.batch(), [](Index) {},
      [&](Index out, Index in) {
        for (Index c = 0; c < channels; ++c)
          dx.data()[in + c] += dy.data()[out + c] * x.data()[in + c];
      });
  return dx;
}

template <std::floating_point Scalar>
Scalar L2Pooling2D<Scalar>::lipschitz() const {
  return static_cast<Scalar>(lipschitz_upper_bound());
}

template <std::floating_point Scalar>
double L2Pooling2D<Scalar>::lipschitz_upper_bound() const {
  return detail::PoolingWindow::overlap_bound(geometry_);
}

template <std::floating_point Scalar>
RoundingBound L2Pooling2D<Scalar>::rounding() const {
  using namespace rounding;
  const auto pixels = static_cast<double>(geometry_.kernel_height * geometry_.kernel_width);
  const auto values = static_cast<double>(geometry_.output.size());
  // A square that underflows: sqrt(s + e) <= sqrt(s) + sqrt(e), with e what underflow costs the sum.
  const double sum = gamma(pixels, unit_roundoff<Scalar>());
  const double root = sum < 1 ? div_up(sum, add_down(2, -sum)) : infinity;
  const auto tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
  const double lost = sqrt_up(mul_up(12 * pixels, tiny));
  return {mul_up(add_up(root, 2 * unit_roundoff<Scalar>()), lipschitz_upper_bound()),
          mul_up(2 * lost, sqrt_up(values))};
}

template <std::floating_point Scalar>
Description L2Pooling2D<Scalar>::describe() const {
  return window_.describe(type);
}

template <std::floating_point Scalar>
L2Pooling2D<Scalar> L2Pooling2D<Scalar>::from(DescribedOptions& options) {
  return L2Pooling2D(detail::PoolingWindow::from(options));
}

template <std::floating_point Scalar>
template <std::floating_point Other>
L2Pooling2D<Other> L2Pooling2D<Scalar>::cast() const {
  L2Pooling2D<Other> other(window_.options());
  other.geometry_ = geometry_;
  return other;
}

#ifdef GLORO_COMPILING
template class L2Pooling2D<float>;
template class L2Pooling2D<double>;
GLORO_LAYER_CASTS(L2Pooling2D)
GLORO_HELD_LAYER(, L2Pooling2D)
#endif

}  // namespace gloro
