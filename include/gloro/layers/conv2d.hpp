// Conv2D: a two-dimensional convolution (cross-correlation, as everywhere in deep learning) on images
// with channels last, zero padding and any stride.
#pragma once

#include "gloro/kernels/convolution.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/detail/defined_convolution.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/layers/linear_parameters.hpp"
#include "gloro/layers/linear_rounding.hpp"
#include "gloro/layers/window.hpp"
#include "gloro/lipschitz/convolution_bound.hpp"
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
  static constexpr const char* type = "conv2d";

  explicit Conv2D(Conv2DOptions options) : options_(options) {
    if (options.filters < 1)
      throw ArgumentError(message("Conv2D needs filters >= 1, got ", options.filters));
  }

  [[nodiscard]] Shape output_shape(Shape input) const { return on(input).output; }

  [[nodiscard]] double memory(Shape input) const {
    const kernels::ConvolutionGeometry g = on(input);
    return Base::memory_of(options_.filters, g.taps(), input.size()) + kernels::scratch(g);
  }

  void place(Shape input) {
    geometry_ = on(input);
    Base::place(options_.filters,
                {.row = {options_.kernel.height, options_.kernel.width, input.channels}},
                options_.bias, input.size());
  }
  void draw(Random& random) {
    Base::draw(options_.initializer, options_.kernel.height * options_.kernel.width, random);
  }

  [[nodiscard]] kernels::ConvolutionGeometry convolution() const { return geometry_; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    Tensor<Scalar> y(geometry_.output, x.batch());
    kernels::convolve<Scalar>({.geometry = geometry_,
                               .filters = weight_.value.data(),
                               .bias = bias_data(),
                               .x = x.data(),
                               .y = y.data(),
                               .batch = x.batch()},
                              pass.workers);
    pass.keep(std::move(x));
    return y;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    return defined_convolution(geometry_, weight_.value, bias_.value, x, i);
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    const Tensor<Scalar> x = pass.tape.pop();
    if (!pass.gradients.empty()) {
      kernels::correlate_filters<Scalar>({.geometry = geometry_,
                                          .x = x.data(),
                                          .dy = dy.data(),
                                          .dfilters = pass.gradients[0].data(),
                                          .batch = x.batch()});
      if (has_bias() && !dy.empty()) {
        const Eigen::Map<const Matrix<Scalar>> pixels(dy.data(), options_.filters,
                                                      dy.size() / options_.filters);
        pass.gradients[1] += pixels.rowwise().sum();
      }
    }
    if (!pass.input_gradient) return {};
    Tensor<Scalar> dx(geometry_.input, x.batch());
    kernels::convolve_transposed<Scalar>({.geometry = geometry_,
                                          .filters = weight_.value.data(),
                                          .dy = dy.data(),
                                          .dx = dx.data(),
                                          .batch = x.batch()});
    return dx;
  }

  void refresh_lipschitz(int iterations, Workers* workers = nullptr) {
    lipschitz::power_iteration(
        right_.value, iterations, [&](const auto& v) { return apply(v, workers); },
        [&](const auto& u) {
          Matrix<Scalar> v(geometry_.input.size(), 1);
          kernels::convolve_transposed<Scalar>({.geometry = geometry_,
                                                .filters = weight_.value.data(),
                                                .dy = u.data(),
                                                .dx = v.data()},
                                               workers);
          return v;
        });
  }
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const {
    return apply(right_.value, workers).norm();
  }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    Matrix<Scalar> left = apply(right_.value);
    const Scalar norm = left.norm();
    if (!(norm > 0)) return;
    left *= g / norm;
    kernels::correlate_filters<Scalar>({.geometry = geometry_,
                                        .x = right_.value.data(),
                                        .dy = left.data(),
                                        .dfilters = gradients[0].data()});
  }
  [[nodiscard]] double lipschitz_upper_bound() const {
    return lipschitz::convolution_upper_bound(geometry_, weight_.value);
  }
  [[nodiscard]] bool has_quick_bound() const {
    return !lipschitz::has_tight_convolution_bound(geometry_);
  }
  [[nodiscard]] RoundingBound rounding() const {
    return convolution_rounding(geometry_, weight_.value, bias_.value);
  }

  [[nodiscard]] Description describe() const {
    Description description{type,
                            {{"filters", options_.filters},
                             {"kernel", options_.kernel.described()},
                             {"stride", options_.stride.described()},
                             {"padding", options_.padding.described()}}};
    if (!options_.bias) description.options.emplace_back("bias", false);
    return description;
  }
  [[nodiscard]] static Conv2D from(DescribedOptions& options) {
    return Conv2D({.filters = options.number("filters"),
                   .kernel = options.extent("kernel"),
                   .stride = options.extent("stride"),
                   .padding = options.padding("padding"),
                   .bias = options.truth("bias", true)});
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

  [[nodiscard]] kernels::ConvolutionGeometry on(const Shape& input) const {
    return Window{options_.kernel, options_.stride, options_.padding}.on(input, options_.filters);
  }

  /// The linear part on one image.
  [[nodiscard]] Matrix<Scalar> apply(const Matrix<Scalar>& v, Workers* workers = nullptr) const {
    Matrix<Scalar> u(geometry_.output.size(), 1);
    kernels::convolve<Scalar>(
        {.geometry = geometry_, .filters = weight_.value.data(), .x = v.data(), .y = u.data()},
        workers);
    return u;
  }

  Conv2DOptions options_;
  kernels::ConvolutionGeometry geometry_;
};

}  // namespace gloro
