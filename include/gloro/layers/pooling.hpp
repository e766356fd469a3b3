// AveragePooling2D and MaxPooling2D: a window slides over every channel by itself.
//
// Averaging is linear and separable, A = A_rows (x) A_columns, so its norm is the product of two small
// norms. Taking maxima is 1-Lipschitz for windows that do not overlap; where an input lies in up to c
// windows, a squared distance counts up to c times, so sqrt(c) bounds the layer.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gloro/layers/layer.hpp"
#include "gloro/layers/window.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/rounding.hpp"

namespace gloro {

struct PoolingOptions {
  Extent pool = 2;
  Extent stride = 0;  ///< 0: the pool's extents, windows side by side
  Padding padding = Padding::valid;
};

namespace detail {

/// Both poolings but for what is done in a window. Padding is left out of windows, as TensorFlow does.
class PoolingWindow {
 public:
  explicit PoolingWindow(PoolingOptions options) : options_(options) {
    if (options.stride == Extent(0)) options_.stride = options.pool;
  }

  [[nodiscard]] kernels::ConvolutionGeometry on(const Shape& input) const {
    const auto geometry = Window{options_.pool, options_.stride, options_.padding}.on(
        input, input.channels);
    for (Index i = 0; i < geometry.output.height; ++i)
      if (rows(geometry, i).size() < 1) refuse(input);
    for (Index i = 0; i < geometry.output.width; ++i)
      if (columns(geometry, i).size() < 1) refuse(input);
    return geometry;
  }

  struct Range {
    Index begin, end;
    [[nodiscard]] Index size() const { return end - begin; }
  };
  /// Input rows (columns) of output row (column) i.
  [[nodiscard]] static Range rows(const kernels::ConvolutionGeometry& g, Index i) {
    return clip(i * g.stride_height - g.pad_top, g.kernel_height, g.input.height);
  }
  [[nodiscard]] static Range columns(const kernels::ConvolutionGeometry& g, Index i) {
    return clip(i * g.stride_width - g.pad_left, g.kernel_width, g.input.width);
  }

  /// Calls visit(value) for each value of the first image of `x` in the window of output `i`.
  template <typename Visit>
  static void for_each_value(const kernels::ConvolutionGeometry& g, const Tensor<double>& x,
                             Index i, Visit&& visit) {
    const Index pixel = i / g.output.channels;
    const Range over = rows(g, pixel / g.output.width), across = columns(g, pixel % g.output.width);
    for (Index r = over.begin; r < over.end; ++r)
      for (Index c = across.begin; c < across.end; ++c)
        visit(x.data()[(r * g.input.width + c) * g.input.channels + i % g.output.channels]);
  }

  /// In how many windows one of `inputs` rows (columns) lies at most; `of` is `rows` or `columns`.
  template <typename Of>
  [[nodiscard]] static Index most_windows(const kernels::ConvolutionGeometry& g, Index inputs,
                                          Index outputs, Of of) {
    std::vector<Index> changes(static_cast<std::size_t>(inputs) + 1, 0);
    for (Index i = 0; i < outputs; ++i) {
      const Range range = of(g, i);
      ++changes[static_cast<std::size_t>(range.begin)];
      --changes[static_cast<std::size_t>(range.end)];
    }
    Index windows = 0, most = 0;
    for (const Index change : changes) most = std::max(most, windows += change);
    return most;
  }

  [[nodiscard]] Description describe(std::string type) const {
    return {std::move(type),
            {{"pool", options_.pool.described()},
             {"stride", options_.stride.described()},
             {"padding", options_.padding.described()}}};
  }

  [[nodiscard]] const PoolingOptions& options() const { return options_; }

 private:
  [[nodiscard]] static Range clip(Index begin, Index extent, Index size) {
    return {std::max<Index>(begin, 0), std::min(begin + extent, size)};
  }
  [[noreturn]] static void refuse(const Shape& input) {
    throw ShapeError(message("a pooling window on an input of ", input, " holds nothing but padding"));
  }

  PoolingOptions options_;
};

}  // namespace detail

/// The mean of each window, over the pixels of the image that lie in it.
template <std::floating_point Scalar>
class AveragePooling2D : public ParameterFree<Scalar> {
 public:
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

  void initialize(Shape input, Random&) {
    geometry_ = window_.on(input);
    bound_ = mul_up(axis_norm(geometry_.input.height, geometry_.output.height, &Placement::rows),
                    axis_norm(geometry_.input.width, geometry_.output.width, &Placement::columns));
  }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>*) const {
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

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>&,
                                        std::span<GradientView<Scalar>>, InputGradient) const {
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
  /// Underflow, gradual or to zero, loses at most the smallest normal number in a product, a sum, and
  /// in each operand where denormals are read as zero.
  [[nodiscard]] RoundingBound rounding() const {
    const double depth =
        static_cast<double>(geometry_.kernel_height * geometry_.kernel_width) + 2;
    const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
    return {mul_up(gamma(depth, unit_roundoff<Scalar>()), bound_),
            mul_up(mul_up(8 * depth, tiny),
                   sqrt_up(static_cast<double>(geometry_.output.size())))};
  }
  [[nodiscard]] Description describe() const { return window_.describe("average_pooling2d"); }
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
      averaging.row(i).segment(range.begin, range.size()).setConstant(
          1.0 / static_cast<double>(range.size()));
    }
    return mul_up(dense_upper_bound(averaging), 1 + 0x1p-50);
  }

  /// Its square is at most ||A||_1 ||A||_inf: rows sum to 1, and a column to no more than 1 / n of the
  /// smallest window for each window over it.
  template <typename Of>
  [[nodiscard]] double quick_axis_norm(Index inputs, Index outputs, Of of) const {
    Index smallest = inputs;
    for (Index i = 0; i < outputs; ++i) smallest = std::min(smallest, of(geometry_, i).size());
    const auto most = static_cast<double>(Placement::most_windows(geometry_, inputs, outputs, of));
    return sqrt_up(mul_up(most / static_cast<double>(smallest), 1 + 0x1p-50));
  }

  /// Whether the matrix of an axis is worth its time.
  [[nodiscard]] static bool has_tight_axis(Index inputs, Index outputs) {
    constexpr Index longest = 1024;
    return std::max(inputs, outputs) <= longest && has_tight_dense_bound(outputs, inputs, 0);
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

/// The largest value of each window.
template <std::floating_point Scalar>
class MaxPooling2D : public ParameterFree<Scalar> {
 public:
  explicit MaxPooling2D(PoolingOptions options = {}) : window_(options) {}
  explicit MaxPooling2D(Index pool) : MaxPooling2D(PoolingOptions{.pool = pool}) {}

  [[nodiscard]] Shape output_shape(Shape input) const { return window_.on(input).output; }
  void initialize(Shape input, Random&) { geometry_ = window_.on(input); }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>* tape) const {
    Tensor<Scalar> y(geometry_.output, x.batch());
    for_each_value(x, [&](Index out, Index in) { y.data()[out] = x.data()[in]; });
    if (tape) tape->push(std::move(x));
    return y;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    double largest = -infinity;
    detail::PoolingWindow::for_each_value(
        geometry_, x, i, [&](double value) { largest = std::max(largest, value); });
    return largest;
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>& tape,
                                        std::span<GradientView<Scalar>>, InputGradient) const {
    const Tensor<Scalar> x = tape.pop();
    Tensor<Scalar> dx(x.shape(), x.batch());
    dx.matrix().setZero();
    for_each_value(x, [&](Index out, Index in) { dx.data()[in] += dy.data()[out]; });
    return dx;
  }

  [[nodiscard]] Scalar lipschitz() const { return static_cast<Scalar>(lipschitz_upper_bound()); }
  [[nodiscard]] double lipschitz_upper_bound() const {
    using Placement = detail::PoolingWindow;
    const Index overlaps =
        Placement::most_windows(geometry_, geometry_.input.height, geometry_.output.height,
                                &Placement::rows) *
        Placement::most_windows(geometry_, geometry_.input.width, geometry_.output.width,
                                &Placement::columns);
    return overlaps == 1 ? 1 : sqrt_up(static_cast<double>(overlaps));
  }
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  [[nodiscard]] Description describe() const { return window_.describe("max_pooling2d"); }
  template <std::floating_point Other>
  [[nodiscard]] MaxPooling2D<Other> cast() const {
    MaxPooling2D<Other> other(window_.options());
    if (geometry_.output.size() > 0) {
      Random unused(0);
      other.initialize(geometry_.input, unused);
    }
    return other;
  }

 private:
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
