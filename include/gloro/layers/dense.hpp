// Dense: y = W x + b on the flattened sample.
#pragma once

#include "gloro/kernels/product.hpp"
#include "gloro/layers/initializer.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/lipschitz/dense_bound.hpp"
#include "gloro/lipschitz/linear_rounding.hpp"
#include "gloro/lipschitz/power_iteration.hpp"

namespace gloro {

struct DenseOptions {
  Index units = 1;
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
};

/// W is units x inputs; its Lipschitz constant is the spectral norm of W.
template <std::floating_point Scalar>
class Dense {
 public:
  explicit Dense(DenseOptions options) : options_(options) {
    if (options.units < 1)
      throw ArgumentError(message("Dense needs units >= 1, got ", options.units));
  }
  explicit Dense(Index units) : Dense(DenseOptions{.units = units}) {}

  [[nodiscard]] Shape output_shape(Shape input) const {
    if (input.size() < 1) throw ShapeError(message("Dense got an empty input of ", input));
    return Shape::flat(options_.units);
  }

  void initialize(Shape input, Random& random) {
    weight_.value = initial_weights<Scalar>(options_.initializer, options_.units, input.size(), 1,
                                            random);
    bias_.value = Matrix<Scalar>::Zero(options_.bias ? options_.units : 0, 1);
    right_.value = random_unit_vector<Scalar>(input.size(), random);
  }

  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() {
    if (options_.bias) return {&weight_, &bias_};
    return {&weight_};
  }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const {
    if (options_.bias) return {&weight_, &bias_};
    return {&weight_};
  }
  [[nodiscard]] std::vector<Parameter<Scalar>*> buffers() { return {&right_}; }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> buffers() const { return {&right_}; }

  [[nodiscard]] const Matrix<Scalar>& weight() const { return weight_.value; }
  /// units x 1, or 0 x 1 for a layer without a bias.
  [[nodiscard]] const Matrix<Scalar>& bias() const { return bias_.value; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>* tape) const {
    Tensor<Scalar> y(Shape::flat(options_.units), x.batch());
    kernels::multiply<Scalar>(options_.units, x.shape().size(), weight_.value.data(),
                              options_.bias ? bias_.value.data() : nullptr, x.data(), y.data(),
                              x.batch());
    if (tape) tape->push(std::move(x));
    return y;
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>& tape,
                                        std::span<GradientView<Scalar>> gradients,
                                        InputGradient wanted) const {
    const Tensor<Scalar> x = tape.pop();
    if (!gradients.empty()) {
      kernels::outer_add<Scalar>(options_.units, x.shape().size(), dy.data(), x.data(),
                                 gradients[0].data(), x.batch());
      if (options_.bias) gradients[1] += dy.matrix().rowwise().sum();
    }
    if (wanted == InputGradient::skip) return {};
    Tensor<Scalar> dx(x.shape(), x.batch());
    kernels::multiply_transposed<Scalar>(options_.units, x.shape().size(), weight_.value.data(),
                                         dy.data(), dx.data(), x.batch());
    return dx;
  }

  // Products by one column, said as such: Eigen compiles a matrix product several times as long.
  void refresh_lipschitz(int iterations) {
    auto right = right_.value.col(0);
    power_iteration(
        right, iterations, [this](const auto& v) -> Vector<Scalar> { return weight_.value * v; },
        [this](const auto& u) -> Vector<Scalar> { return weight_.value.transpose() * u; });
  }
  [[nodiscard]] Scalar lipschitz() const { return (weight_.value * right_.value.col(0)).norm(); }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    Vector<Scalar> left = weight_.value * right_.value.col(0);
    const Scalar norm = left.norm();
    if (!(norm > 0)) return;
    left *= g / norm;
    gradients[0].noalias() += left * right_.value.col(0).transpose();
  }
  [[nodiscard]] double lipschitz_upper_bound() const {
    return dense_upper_bound(weight_.value);
  }
  [[nodiscard]] RoundingBound rounding() const {
    const LinearRounding error = dense_rounding(weight_.value, bias_.value);
    return {lipschitz_upper_bound(), error.relative, error.absolute};
  }

  [[nodiscard]] Description describe() const {
    Description description{"dense", {{"units", options_.units}}};
    if (!options_.bias) description.options.emplace_back("bias", false);
    return description;
  }
  template <std::floating_point Other>
  [[nodiscard]] Dense<Other> cast() const {
    Dense<Other> other(options_);
    other.weight_.value = weight_.value.template cast<Other>();
    other.bias_.value = bias_.value.template cast<Other>();
    other.right_.value = right_.value.template cast<Other>();
    return other;
  }

 private:
  template <std::floating_point>
  friend class Dense;

  DenseOptions options_;
  Parameter<Scalar> weight_{"weight", {}};
  Parameter<Scalar> bias_{"bias", {}};
  Parameter<Scalar> right_{"right_singular_vector", {}};
};

}  // namespace gloro
