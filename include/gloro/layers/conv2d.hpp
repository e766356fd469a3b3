// Conv2D: a two-dimensional convolution (cross-correlation, as everywhere in deep learning) on images
// with channels last, zero padding and any stride.
#pragma once

#include "gloro/kernels/convolution.hpp"
#include "gloro/layers/defined_convolution.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/layers/linear_parameters.hpp"
#include "gloro/layers/window.hpp"
#include "gloro/lipschitz/convolution_bound.hpp"
#include "gloro/lipschitz/linear_rounding.hpp"
#include "gloro/lipschitz/power_iteration.hpp"

namespace gloro {

struct Conv2DOptions {
  Index filters = 1;
  Extent kernel = 3;
  Extent stride = 1;
  Padding padding = Padding::same;
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
};

/// The weights are filters x (rows * columns * input channels), input channels fastest. The Lipschitz
/// constant is the spectral norm of the map on images of the size the layer was built for.
template <std::floating_point Scalar>
class Conv2D : public LinearParameters<Scalar> {
  using Base = LinearParameters<Scalar>;
  using Base::bias_, Base::bias_data, Base::has_bias, Base::right_, Base::weight_;

 public:
  explicit Conv2D(Conv2DOptions options) : options_(options) {
    if (options.filters < 1)
      throw ArgumentError(message("Conv2D needs filters >= 1, got ", options.filters));
  }

  [[nodiscard]] Shape output_shape(Shape input) const { return place(input).output; }

  [[nodiscard]] double memory(Shape input) const {
    const kernels::ConvolutionGeometry g = place(input);
    return Base::memory_of(options_.filters, g.taps(), input.size()) + kernels::scratch(g);
  }

  void initialize(Shape input, Random& random) {
    geometry_ = place(input);
    Base::draw(options_.initializer, options_.filters, geometry_.taps(),
               options_.kernel.height * options_.kernel.width, options_.bias, input.size(), random);
  }

  [[nodiscard]] const kernels::ConvolutionGeometry& geometry() const { return geometry_; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>* tape,
                                       Workers* workers = nullptr) const {
    Tensor<Scalar> y(geometry_.output, x.batch());
    kernels::convolve(geometry_, x.data(), weight_.value.data(), bias_data(), y.data(), x.batch(),
                      workers);
    if (tape) tape->push(std::move(x));
    return y;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    return defined_convolution(geometry_, weight_.value, bias_.value, x, i);
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>& tape,
                                        std::span<GradientView<Scalar>> gradients,
                                        InputGradient wanted) const {
    const Tensor<Scalar> x = tape.pop();
    if (!gradients.empty()) {
      kernels::correlate_filters(geometry_, x.data(), dy.data(), gradients[0].data(), x.batch());
      if (has_bias() && !dy.empty()) {
        const Eigen::Map<const Matrix<Scalar>> pixels(dy.data(), options_.filters,
                                                      dy.size() / options_.filters);
        gradients[1] += pixels.rowwise().sum();
      }
    }
    if (wanted == InputGradient::skip) return {};
    Tensor<Scalar> dx(geometry_.input, x.batch());
    kernels::convolve_transposed(geometry_, dy.data(), weight_.value.data(), dx.data(), x.batch());
    return dx;
  }

  void refresh_lipschitz(int iterations) {
    power_iteration(
        right_.value, iterations, [this](const auto& v) { return apply(v); },
        [this](const auto& u) {
          Matrix<Scalar> v(geometry_.input.size(), 1);
          kernels::convolve_transposed(geometry_, u.data(), weight_.value.data(), v.data(), 1);
          return v;
        });
  }
  [[nodiscard]] Scalar lipschitz() const { return apply(right_.value).norm(); }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    Matrix<Scalar> left = apply(right_.value);
    const Scalar norm = left.norm();
    if (!(norm > 0)) return;
    left *= g / norm;
    kernels::correlate_filters(geometry_, right_.value.data(), left.data(), gradients[0].data(), 1);
  }
  [[nodiscard]] double lipschitz_upper_bound() const {
    return convolution_upper_bound(geometry_, weight_.value);
  }
  [[nodiscard]] bool has_quick_bound() const { return !has_tight_convolution_bound(geometry_); }
  [[nodiscard]] RoundingBound rounding() const {
    return convolution_rounding(geometry_, weight_.value, bias_.value);
  }

  [[nodiscard]] Description describe() const {
    Description description{"conv2d",
                            {{"filters", options_.filters},
                             {"kernel", options_.kernel.described()},
                             {"stride", options_.stride.described()},
                             {"padding", options_.padding.described()}}};
    if (!options_.bias) description.options.emplace_back("bias", false);
    return description;
  }
  template <std::floating_point Other>
  [[nodiscard]] Conv2D<Other> cast() const {
    Conv2D<Other> other(options_);
    other.geometry_ = geometry_;
    other.take(*this);
    return other;
  }

 private:
  template <std::floating_point>
  friend class Conv2D;

  [[nodiscard]] kernels::ConvolutionGeometry place(const Shape& input) const {
    return Window{options_.kernel, options_.stride, options_.padding}.on(input, options_.filters);
  }

  /// The linear part on one image.
  [[nodiscard]] Matrix<Scalar> apply(const Matrix<Scalar>& v) const {
    Matrix<Scalar> u(geometry_.output.size(), 1);
    kernels::convolve<Scalar>(geometry_, v.data(), weight_.value.data(), nullptr, u.data(), 1);
    return u;
  }

  Conv2DOptions options_;
  kernels::ConvolutionGeometry geometry_;
};

}  // namespace gloro
