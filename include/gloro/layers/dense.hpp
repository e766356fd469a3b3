// Dense: y = W x + b on the flattened sample.
#pragma once

#include "gloro/core/detail/compensated_sum.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/kernels/product.hpp"
#include "gloro/kernels/product_gradients.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/layers/linear_parameters.hpp"
#include "gloro/layers/linear_rounding.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/power_iteration.hpp"

namespace gloro {

struct DenseOptions {
  Index units = 1;
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
};

/// W is units x inputs; its Lipschitz constant is the spectral norm of W.
template <std::floating_point Scalar>
class Dense : public LinearParameters<Scalar> {
  using Base = LinearParameters<Scalar>;
  using Base::bias_, Base::bias_data, Base::has_bias, Base::right_, Base::weight_;

 public:
  static constexpr const char* type = "dense";

  explicit Dense(DenseOptions options) : options_(options) {
    if (options.units < 1)
      throw ArgumentError(message("Dense needs units >= 1, got ", options.units));
  }
  explicit Dense(Index units) : Dense(DenseOptions{.units = units}) {}

  [[nodiscard]] Shape output_shape(Shape input) const {
    if (input.size() < 1) throw ShapeError(message("Dense got an empty input of ", input));
    return Shape::flat(options_.units);
  }

  [[nodiscard]] double memory(Shape input) const {
    return Base::memory_of(options_.units, input.size(), input.size());
  }

  void place(Shape input) {
    Base::place(options_.units, {.row = input, .flat = true}, options_.bias, input.size());
  }
  void draw(Random& random) { Base::draw(options_.initializer, 1, random); }

  /// A kernel as large as its image.
  [[nodiscard]] kernels::ConvolutionGeometry convolution() const {
    const Shape& input = weight_.layout.row;
    return {.input = input,
            .output = Shape::flat(options_.units),
            .kernel_height = input.height,
            .kernel_width = input.width};
  }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
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

  /// y_i = sum over j of W_ij x_j, and b_i.
  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    CompensatedSum sum(has_bias() ? static_cast<double>(bias_.value(i, 0)) : 0);
    for (Index j = 0; j < weight_.value.cols(); ++j)
      sum.add(static_cast<double>(weight_.value(i, j)) * x.data()[j]);
    return sum.value();
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
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

  void refresh_lipschitz(int iterations, Workers* workers = nullptr) {
    auto right = right_.value.col(0);
    lipschitz::power_iteration(
        right, iterations, [&](const auto& v) { return apply(v, workers); },
        [&](const auto& u) { return lipschitz::transposed_product(weight_.value, u, workers); });
  }
  [[nodiscard]] Scalar lipschitz(Workers* workers = nullptr) const {
    return apply(right_.value.col(0), workers).norm();
  }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    Vector<Scalar> left = apply(right_.value.col(0));
    const Scalar norm = left.norm();
    if (!(norm > 0)) return;
    left *= g / norm;
    gradients[0].noalias() += left * right_.value.col(0).transpose();
  }
  [[nodiscard]] double lipschitz_upper_bound() const {
    return lipschitz::dense_upper_bound(weight_.value);
  }
  [[nodiscard]] bool has_quick_bound() const {
    const Matrix<Scalar>& weight = weight_.value;
    return !lipschitz::has_tight_dense_bound(weight.rows(), weight.cols(),
                                             static_cast<double>(weight.size()));
  }
  [[nodiscard]] RoundingBound rounding() const {
    return dense_rounding(weight_.value, bias_.value);
  }

  [[nodiscard]] Description describe() const {
    Description description{type, {{"units", options_.units}}};
    if (!options_.bias) description.options.emplace_back("bias", false);
    return description;
  }
  [[nodiscard]] static Dense from(DescribedOptions& options) {
    return Dense({.units = options.number("units"), .bias = options.truth("bias", true)});
  }
  template <std::floating_point Other>
  [[nodiscard]] Dense<Other> cast() const {
    Dense<Other> other(options_);
    other.take(*this);
    return other;
  }

 private:
  template <std::floating_point>
  friend class Dense;

  [[nodiscard]] Vector<Scalar> apply(const auto& v, Workers* workers = nullptr) const {
    return lipschitz::product<Scalar>(weight_.value, v, workers);
  }

  DenseOptions options_;
};

}  // namespace gloro
