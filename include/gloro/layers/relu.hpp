// ReLU: max(x, 0), 1-Lipschitz.
#pragma once

#include <algorithm>

#include "gloro/layers/layer.hpp"

namespace gloro {

template <std::floating_point Scalar>
class ReLU : public ParameterFree<Scalar> {
 public:
  [[nodiscard]] Shape output_shape(Shape input) const { return input; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>* tape) const {
    // NaN stays NaN: a damaged input must not look healthy to the certificate.
    x.matrix() = x.matrix().unaryExpr([](Scalar v) { return v < 0 ? Scalar(0) : v; });
    if (tape) tape->push(x);
    return x;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    return std::max(x.data()[i], 0.0);
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>& tape,
                                        std::span<GradientView<Scalar>>, InputGradient) const {
    const Tensor<Scalar> y = tape.pop();
    dy.matrix().array() *= (y.matrix().array() > 0).template cast<Scalar>();
    return dy;
  }

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  [[nodiscard]] Description describe() const { return {"relu"}; }
  template <std::floating_point Other>
  [[nodiscard]] ReLU<Other> cast() const {
    return {};
  }
};

}  // namespace gloro
