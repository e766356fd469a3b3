// ReLU: max(x, 0), 1-Lipschitz.
#pragma once

#include <algorithm>

#include "gloro/layers/described_options.hpp"
#include "gloro/layers/layer.hpp"

namespace gloro {

template <std::floating_point Scalar>
class ReLU {
 public:
  static constexpr const char* type = "relu";

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    // NaN stays NaN: a damaged input must not look healthy to the certificate.
    x.matrix() = x.matrix().unaryExpr([](Scalar v) { return v < 0 ? Scalar(0) : v; });
    pass.keep(x);
    return x;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    return std::max(x.data()[i], 0.0);
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    const Tensor<Scalar> y = pass.tape.pop();
    dy.matrix().array() *= (y.matrix().array() > 0).template cast<Scalar>();
    return dy;
  }

  [[nodiscard]] Scalar lipschitz() const { return 1; }
  [[nodiscard]] double lipschitz_upper_bound() const { return 1; }
  [[nodiscard]] RoundingBound rounding() const { return {}; }
  [[nodiscard]] Description describe() const { return {type}; }
  [[nodiscard]] static ReLU from(DescribedOptions&) { return {}; }
  template <std::floating_point Other>
  [[nodiscard]] ReLU<Other> cast() const {
    return {};
  }
};

}  // namespace gloro
