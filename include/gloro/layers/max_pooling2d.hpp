// MaxPooling2D: taking maxima is 1-Lipschitz for windows that do not overlap; where an input lies in up
// to c windows, a squared distance counts up to c times, so sqrt(c) bounds the layer.
#pragma once

#include <algorithm>
#include <cmath>

#include "gloro/core/infinity.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/layers/pooling_window.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro {

/// The largest value of each window.
template <std::floating_point Scalar>
class MaxPooling2D {
 public:
  static constexpr const char* type = "max_pooling2d";

  explicit MaxPooling2D(PoolingOptions options = {}) : window_(options) {}
  explicit MaxPooling2D(Index pool) : MaxPooling2D(PoolingOptions{.pool = pool}) {}

  [[nodiscard]] Shape output_shape(Shape input) const { return window_.on(input).output; }
  void place(Shape input) { geometry_ = window_.on(input); }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    Tensor<Scalar> y(geometry_.output, x.batch());
    for_each_value(x, [&](Index out, Index in) { y.data()[out] = x.data()[in]; });
    pass.keep(std::move(x));
    return y;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    double largest = -infinity;
    detail::PoolingWindow::for_each_value(
        geometry_, x, i, [&](double value) { largest = std::max(largest, value); });
    return largest;
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    const Tensor<Scalar> x = pass.tape.pop();
    Tensor<Scalar> dx(x.shape(), x.batch());
    dx.matrix().setZero();
    for_each_value(x, [&](Index out, Index in) { dx.data()[in] += dy.data()[out]; });
    return dx;
  }

  [[nodiscard]] Scalar lipschitz() const { return static_cast<Scalar>(lipschitz_upper_bound()); }
  [[nodiscard]] double lipschitz_upper_bound() const {
    using Placement = detail::PoolingWindow;
    const Index overlaps = Placement::most_windows(geometry_, geometry_.input.height,
                                                   geometry_.output.height, &Placement::rows) *
                           Placement::most_windows(geometry_, geometry_.input.width,
                                                   geometry_.output.width, &Placement::columns);
    return overlaps == 1 ? 1 : rounding::sqrt_up(static_cast<double>(overlaps));
  }
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  [[nodiscard]] Description describe() const { return window_.describe(type); }
  [[nodiscard]] static MaxPooling2D from(DescribedOptions& options) {
    return MaxPooling2D(detail::PoolingWindow::from(options));
  }
  template <std::floating_point Other>
  [[nodiscard]] MaxPooling2D<Other> cast() const {
    MaxPooling2D<Other> other(window_.options());
    other.geometry_ = geometry_;
    return other;
  }

 private:
  template <std::floating_point>
  friend class MaxPooling2D;

  /// Calls visit(index of an output value, index of the input value that it is). A NaN wins its
  /// window, so that it reaches the logits and certifies nothing.
  template <typename Visit>
  void for_each_value(const Tensor<Scalar>& x, Visit&& visit) const {
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

  detail::PoolingWindow window_;
  kernels::ConvolutionGeometry geometry_;
};

}  // namespace gloro
