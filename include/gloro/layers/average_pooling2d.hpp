// AveragePooling2D: averaging is linear and separable, A = A_rows (x) A_columns, so its norm is the
// product of two small norms.
#pragma once

#include <algorithm>
#include <cmath>

#include "gloro/layers/layer.hpp"
#include "gloro/layers/pooling_window.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

/// The mean of each window, over the pixels of the image that lie in it.
template <std::floating_point Scalar>
class AveragePooling2D {
 public:
  static constexpr const char* type = "average_pooling2d";

  explicit AveragePooling2D(PoolingOptions options = {}) : window_(options) {}
  explicit AveragePooling2D(Index pool) : AveragePooling2D(PoolingOptions{.pool = pool}) {}

  [[nodiscard]] Shape output_shape(Shape input) const { return window_.on(input).output; }

  /// The averaging along an axis as a matrix, in double, and copies of it for its norm.
  [[nodiscard]] double memory(Shape input) const {
    const auto g = window_.on(input);
    const auto axis = [](Index inputs, Index outputs) {
      return has_tight_axis(inputs, outputs)
                 ? 4 * static_cast<double>(inputs) * static_cast<double>(outputs)
                 : static_cast<double>(inputs);
    };
    return axis(g.input.height, g.output.height) + axis(g.input.width, g.output.width);
  }

  void place(Shape input) {
    geometry_ = window_.on(input);
    bound_ = rounding::mul_up(
        axis_norm(geometry_.input.height, geometry_.output.height, &Placement::rows),
        axis_norm(geometry_.input.width, geometry_.output.width, &Placement::columns));
  }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>&) const {
    Tensor<Scalar> y(geometry_.output, x.batch());
    y.matrix().setZero();
    for_each_window(x.batch(), [&](Index out, Index in, Scalar weight) {
      channels(y, out) += weight * channels(x, in);
    });
    return y;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    double sum = 0, count = 0;
    Placement::for_each_value(geometry_, x, i, [&](double value) {
      sum += value;
      ++count;
    });
    return sum / count;
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>&) const {
    Tensor<Scalar> dx(geometry_.input, dy.batch());
    dx.matrix().setZero();
    for_each_window(dy.batch(), [&](Index out, Index in, Scalar weight) {
      channels(dx, in) += weight * channels(dy, out);
    });
    return dx;
  }

  /// The norm is fixed by the geometry: the estimate is the bound, within a thousandth.
  [[nodiscard]] Scalar lipschitz() const { return static_cast<Scalar>(bound_); }
  [[nodiscard]] double lipschitz_upper_bound() const { return bound_; }
  [[nodiscard]] bool has_quick_bound() const {
    return !has_tight_axis(geometry_.input.height, geometry_.output.height) ||
           !has_tight_axis(geometry_.input.width, geometry_.output.width);
  }
  /// The weight itself is rounded, then n products and sums: gamma_(n + 2) times || |A| || = ||A||.
  [[nodiscard]] RoundingBound rounding() const {
    using namespace rounding;
    const double depth = static_cast<double>(geometry_.kernel_height * geometry_.kernel_width) + 2;
    return RoundingBound{mul_up(gamma(depth, unit_roundoff<Scalar>()), bound_), 0} +
           underflow<Scalar>(2 * depth, static_cast<double>(geometry_.output.size()));
  }
  [[nodiscard]] Description describe() const { return window_.describe(type); }
  [[nodiscard]] static AveragePooling2D from(DescribedOptions& options) {
    return AveragePooling2D(detail::PoolingWindow::from(options));
  }
  template <std::floating_point Other>
  [[nodiscard]] AveragePooling2D<Other> cast() const {
    AveragePooling2D<Other> other(window_.options());
    other.geometry_ = geometry_;
    other.bound_ = bound_;
    return other;
  }

 private:
  using Placement = detail::PoolingWindow;

  /// Norm of the averaging along one axis, as a bound: the weights 1 / n are rounded, by 2^-53 each.
  template <typename Of>
  [[nodiscard]] double axis_norm(Index inputs, Index outputs, Of of) const {
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

  /// Its square is at most ||A||_1 ||A||_inf: rows sum to 1, and a column to no more than 1 / n of the
  /// smallest window for each window over it.
  template <typename Of>
  [[nodiscard]] double quick_axis_norm(Index inputs, Index outputs, Of of) const {
    Index smallest = inputs;
    for (Index i = 0; i < outputs; ++i) smallest = std::min(smallest, of(geometry_, i).size());
    const auto most = static_cast<double>(Placement::most_windows(geometry_, inputs, outputs, of));
    return rounding::sqrt_up(rounding::mul_up(most / static_cast<double>(smallest), 1 + 0x1p-50));
  }

  /// Whether the matrix of an axis is worth its time.
  [[nodiscard]] static bool has_tight_axis(Index inputs, Index outputs) {
    constexpr Index longest = 1024;
    return std::max(inputs, outputs) <= longest &&
           lipschitz::has_tight_dense_bound(outputs, inputs, 0);
  }

  [[nodiscard]] static auto channels(Tensor<Scalar>& tensor, Index offset) {
    return Eigen::Map<Vector<Scalar>>(tensor.data() + offset, tensor.shape().channels);
  }

  /// Calls visit(offset of an output pixel, offset of an input pixel in its window, weight).
  template <typename Visit>
  void for_each_window(Index batch, Visit&& visit) const {
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

  template <std::floating_point>
  friend class AveragePooling2D;

  detail::PoolingWindow window_;
  kernels::ConvolutionGeometry geometry_;
  double bound_ = 0;
};

}  // namespace gloro
