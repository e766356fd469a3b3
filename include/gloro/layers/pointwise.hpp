// Pointwise: one function of a real variable for every value, y_i = f(x_i). Two outputs differ by a diagonal
// matrix times the difference of the inputs, so the layer's Lipschitz constant is that of f. The library's
// own functions are in layers/activations.hpp.
#pragma once

#include <concepts>
#include <utility>

#include "gloro/layers/layer.hpp"

namespace gloro {

/// What `Function<Scalar>` says of f:
///
/// | member | meaning |
/// | --- | --- |
/// | type, describe(), from(options) | as every layer's |
/// | operator()(Scalar x) -> Scalar | f(x); NaN stays NaN |
/// | slope(Scalar x, Scalar y) -> Scalar | f'(x), y being f(x) |
/// | exact(double x) -> double | f(x) from its formula, without what operator() does for speed |
/// | lipschitz() -> double | the largest \|f'\|, exact or rounded up |
/// | size() -> RoundingBound | \|f(x)\| <= relative \|x\| + absolute, wherever operator() computes and does not pass x on |
/// | error, is_exact | there it is off by at most (unit roundoff of Scalar + error) times that size; or nowhere at all |
/// | cast<Other>() -> Function<Other> | the same function in another precision |
template <std::floating_point Scalar, template <typename> typename Function>
class Pointwise {
 public:
  static constexpr const char* type = Function<Scalar>::type;

  explicit Pointwise(Function<Scalar> function = {}) : function_(std::move(function)) {}

  [[nodiscard]] const Function<Scalar>& function() const { return function_; }

  [[nodiscard]] Shape output_shape(Shape input) const { return input; }
  void place(Shape input) { size_ = input.size(); }

  /// Leaves the slopes on the tape: they are cheapest where both x and f(x) are at hand.
  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    if (!pass.tape) {
      for (Index i = 0; i < x.size(); ++i) x.data()[i] = function_(x.data()[i]);
      return x;
    }
    Tensor<Scalar> slopes(x.shape(), x.batch());
    for (Index i = 0; i < x.size(); ++i) {
      const Scalar y = function_(x.data()[i]);
      slopes.data()[i] = function_.slope(x.data()[i], y);
      x.data()[i] = y;
    }
    pass.keep(std::move(slopes));
    return x;
  }

  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    return function_.exact(x.data()[i]);
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    dy.matrix().array() *= pass.tape.pop().matrix().array();
    return dy;
  }

  [[nodiscard]] Scalar lipschitz() const { return static_cast<Scalar>(function_.lipschitz()); }
  [[nodiscard]] double lipschitz_upper_bound() const { return function_.lipschitz(); }
  /// (u + error) (relative |x| + absolute) in every value.
  [[nodiscard]] RoundingBound rounding() const {
    using namespace rounding;
    if (Function<Scalar>::is_exact) return {};
    const auto values = static_cast<double>(size_);
    const RoundingBound each = function_.size();
    const RoundingBound size{each.relative, mul_up(each.absolute, sqrt_up(values))};
    return add_up(unit_roundoff<Scalar>(), Function<Scalar>::error) * size +
           underflow<Scalar>(4, values, each.relative);
  }
  [[nodiscard]] Description describe() const { return function_.describe(); }
  [[nodiscard]] static Pointwise from(DescribedOptions& options) {
    return Pointwise(Function<Scalar>::from(options));
  }
  template <std::floating_point Other>
  [[nodiscard]] Pointwise<Other, Function> cast() const {
    Pointwise<Other, Function> other(function_.template cast<Other>());
    other.place(Shape::flat(size_));
    return other;
  }

 private:
  Function<Scalar> function_;
  Index size_ = 0;
};

}  // namespace gloro
