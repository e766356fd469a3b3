// The bodies of max_pooling2d.hpp.
#pragma once

#include "gloro/layers/max_pooling2d.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "gloro/core/infinity.hpp"

namespace gloro {

template <std::floating_point Scalar>
MaxPooling2D<Scalar>::MaxPooling2D(PoolingOptions options) : window_(options) {}

template <std::floating_point Scalar>
MaxPooling2D<Scalar>::MaxPooling2D(Index pool) : MaxPooling2D(PoolingOptions{.pool = pool}) {}

template <std::floating_point Scalar>
Shape MaxPooling2D<Scalar>::output_shape(Shape input) const {
  return window_.on(input).output;
}

template <std::floating_point Scalar>
void MaxPooling2D<Scalar>::place(Shape input) {
  geometry_ = window_.on(input);
}

template <std::floating_point Scalar>
Tensor<Scalar> MaxPooling2D<Scalar>::forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
  Tensor<Scalar> y(geometry_.output, x.batch());
  for_each_value(x, [&](Index out, Index in) { y.data()[out] = x.data()[in]; });
  pass.keep(std::move(x));
  return y;
}

template <std::floating_point Scalar>
double MaxPooling2D<Scalar>::definition(const Tensor<double>& x, Index i) const {
  double largest = -infinity;
  detail::PoolingWindow::for_each_value(geometry_, x, i,
                                        [&](double value) { largest = std::max(largest, value); });
  return largest;
}

template <std::floating_point Scalar>
Tensor<Scalar> MaxPooling2D<Scalar>::backward(Tensor<Scalar> dy,
                                              const BackwardPass<Scalar>& pass) const {
  const Tensor<Scalar> x = pass.tape.pop();
  Tensor<Scalar> dx(x.shape(), x.batch());
  dx.matrix().setZero();
  for_each_value(x, [&](Index out, Index in) { dx.data()[in] += dy.data()[out]; });
  return dx;
}

template <std::floating_point Scalar>
Scalar MaxPooling2D<Scalar>::lipschitz() const {
  return static_cast<Scalar>(lipschitz_upper_bound());
}

template <std::floating_point Scalar>
double MaxPooling2D<Scalar>::lipschitz_upper_bound() const {
  return detail::PoolingWindow::overlap_bound(geometry_);
}

template <std::floating_point Scalar>
Description MaxPooling2D<Scalar>::describe() const {
  return window_.describe(type);
}

template <std::floating_point Scalar>
MaxPooling2D<Scalar> MaxPooling2D<Scalar>::from(DescribedOptions& options) {
  return MaxPooling2D(detail::PoolingWindow::from(options));
}

template <std::floating_point Scalar>
template <std::floating_point Other>
MaxPooling2D<Other> MaxPooling2D<Scalar>::cast() const {
  MaxPooling2D<Other> other(window_.options());
  other.geometry_ = geometry_;
  return other;
}

template <std::floating_point Scalar>
template <typename Visit>
void MaxPooling2D<Scalar>::for_each_value(const Tensor<Scalar>& x, Visit&& visit) const {
  const Shape& in = geometry_.input;
  Index at = 0;
  for (Index n = 0; n < x.batch(); ++n)
    for (Index i = 0; i < geometry_.output.height; ++i)
      for (Index j = 0; j < geometry_.output.width; ++j)
        for (Index channel = 0; channel < in.channels; ++channel, ++at) {
          const auto rows = detail::PoolingWindow::rows(geometry_, i);
          const auto columns = detail::PoolingWindow::columns(geometry_, j);
          const auto index = [&](Index r, Index c) {
            return n * in.size() + (r * in.width + c) * in.channels + channel;
          };
          Index best = index(rows.begin, columns.begin);
          for (Index r = rows.begin; r < rows.end; ++r)
            for (Index c = columns.begin; c < columns.end; ++c)
              if (const Scalar value = x.data()[index(r, c)];
                  value > x.data()[best] || std::isnan(value))
                best = index(r, c);
          visit(at, best);
        }
}

#ifdef GLORO_COMPILING
template class MaxPooling2D<float>;
template class MaxPooling2D<double>;
GLORO_LAYER_CASTS(MaxPooling2D)
GLORO_HELD_LAYER(, MaxPooling2D)
#endif

}  // namespace gloro
