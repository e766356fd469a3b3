// A layer of a user's own: defined outside the library, derived from nothing, and without the optional
// members rounding(), describe() and cast().
#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/layers/layer.hpp"

namespace own {

/// y = a tanh(x): its slope is at most |a|.
template <typename Scalar>
class Squash {
 public:
  gloro::Shape output_shape(gloro::Shape input) const {
    if (!input.is_flat()) throw gloro::ShapeError("Squash takes flat inputs");
    return input;
  }
  std::vector<gloro::Parameter<Scalar>*> parameters() { return {&gain_}; }
  gloro::Tensor<Scalar> forward(gloro::Tensor<Scalar> x, const gloro::Pass<Scalar>& pass) const {
    x.matrix() = x.matrix().array().tanh().matrix().eval();
    pass.keep(x);
    x.matrix() *= gain_.value(0);
    return x;
  }
  gloro::Tensor<Scalar> backward(gloro::Tensor<Scalar> dy,
                                 const gloro::BackwardPass<Scalar>& pass) const {
    const gloro::Tensor<Scalar> t = pass.tape.pop();
    if (!pass.gradients.empty()) pass.gradients[0](0) += t.matrix().cwiseProduct(dy.matrix()).sum();
    dy.matrix().array() *= gain_.value(0) * (1 - t.matrix().array().square());
    return dy;
  }
  Scalar lipschitz() const { return std::abs(gain_.value(0)); }
  void lipschitz_backward(Scalar g, std::span<gloro::GradientView<Scalar>> gradients) const {
    gradients[0](0) += gain_.value(0) < 0 ? -g : g;
  }
  double lipschitz_upper_bound() const { return static_cast<double>(lipschitz()); }

 private:
  gloro::Parameter<Scalar> gain_{"gain", gloro::Matrix<Scalar>::Constant(1, 1, Scalar(1.5))};
};

}  // namespace own
