// Scaling: one trained factor for the whole signal, with Lipschitz constant |factor|.
#pragma once

#include <cmath>
#include <limits>

#include "gloro/layers/layer.hpp"
#include "gloro/lipschitz/rounding.hpp"

namespace gloro {

template <std::floating_point Scalar>
class Scaling {
 public:
  explicit Scaling(Scalar factor = 1)
      : factor_{"factor", Matrix<Scalar>::Constant(1, 1, factor)} {}

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  void initialize(Shape input, Random&) { size_ = input.size(); }

  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() { return {&factor_}; }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> parameters() const { return {&factor_}; }
  [[nodiscard]] std::vector<Parameter<Scalar>*> buffers() { return {}; }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> buffers() const { return {}; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>* tape) const {
    if (tape) tape->push(x);
    x.matrix() *= factor();
    return x;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    return static_cast<double>(factor()) * x.data()[i];
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>& tape,
                                        std::span<GradientView<Scalar>> gradients,
                                        InputGradient) const {
    const Tensor<Scalar> x = tape.pop();
    if (!gradients.empty()) gradients[0](0, 0) += x.matrix().cwiseProduct(dy.matrix()).sum();
    dy.matrix() *= factor();
    return dy;
  }

  void refresh_lipschitz(int) {}
  [[nodiscard]] Scalar lipschitz() const { return std::abs(factor()); }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    gradients[0](0, 0) += factor() < 0 ? -g : g;
  }
  [[nodiscard]] double lipschitz_upper_bound() const {
    const auto bound = static_cast<double>(std::abs(factor()));
    return std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound;
  }
  /// One product a value: relative error u; underflow, gradual or to zero, of the product, and of the
  /// value and the factor where denormals are read as zero.
  [[nodiscard]] RoundingBound rounding() const {
    const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
    const double stretch = lipschitz_upper_bound();
    const double lost = mul_up(tiny, sqrt_up(static_cast<double>(size_)));
    return {add_up(mul_up(unit_roundoff<Scalar>(), stretch), tiny),
            mul_up(lost, add_up(stretch, 1))};
  }
  [[nodiscard]] Description describe() const { return {"scaling"}; }
  template <std::floating_point Other>
  [[nodiscard]] Scaling<Other> cast() const {
    Scaling<Other> other(static_cast<Other>(factor()));
    Random unused(0);
    other.initialize(Shape::flat(size_), unused);
    return other;
  }

 private:
  [[nodiscard]] Scalar factor() const { return factor_.value(0, 0); }

  Parameter<Scalar> factor_;
  Index size_ = 0;
};

}  // namespace gloro
