// Scaling: one trained factor for the whole signal, with Lipschitz constant |factor|.
#pragma once

#include <cmath>
#include <limits>

#include "gloro/layers/described_options.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/rounding/bound.hpp"

namespace gloro {

template <std::floating_point Scalar>
class Scaling {
 public:
  static constexpr const char* type = "scaling";

  explicit Scaling(Scalar factor = 1)
      : factor_{.name = "factor", .value = Matrix<Scalar>::Constant(1, 1, factor)} {}

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  void place(Shape input) { size_ = input.size(); }

  [[nodiscard]] std::vector<Parameter<Scalar>*> parameters() { return {&factor_}; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    pass.keep(x);
    x.matrix() *= factor();
    return x;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    return static_cast<double>(factor()) * x.data()[i];
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    const Tensor<Scalar> x = pass.tape.pop();
    if (!pass.gradients.empty())
      pass.gradients[0](0, 0) += x.matrix().cwiseProduct(dy.matrix()).sum();
    dy.matrix() *= factor();
    return dy;
  }

  [[nodiscard]] Scalar lipschitz() const { return std::abs(factor()); }
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    gradients[0](0, 0) += factor() < 0 ? -g : g;
  }
  [[nodiscard]] double lipschitz_upper_bound() const {
    const auto bound = static_cast<double>(std::abs(factor()));
    return std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound;
  }
  /// One product a value.
  [[nodiscard]] RoundingBound rounding() const {
    const double stretch = lipschitz_upper_bound();
    return RoundingBound{rounding::mul_up(rounding::unit_roundoff<Scalar>(), stretch), 0} +
           rounding::underflow<Scalar>(1, static_cast<double>(size_), stretch);
  }
  [[nodiscard]] Description describe() const { return {type}; }
  [[nodiscard]] static Scaling from(DescribedOptions&) { return Scaling(); }
  template <std::floating_point Other>
  [[nodiscard]] Scaling<Other> cast() const {
    Scaling<Other> other(static_cast<Other>(factor()));
    other.place(Shape::flat(size_));
    return other;
  }

 private:
  [[nodiscard]] Scalar factor() const { return factor_.value(0, 0); }

  Parameter<Scalar> factor_;
  Index size_ = 0;
};

}  // namespace gloro
