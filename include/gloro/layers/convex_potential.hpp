// ConvexPotential: y = x - h W^T relu(W x + b), a gradient step down a convex potential (CPL:
// Meunier, Delattre, Araujo and Allauzen 2022, "A Dynamical System Perspective for Lipschitz Neural
// Networks"), 1-Lipschitz where h ||W||^2 <= 2.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "gloro/core/compensated_sum.hpp"
#include "gloro/layers/defined_convolution.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/layers/linear_map.hpp"
#include "gloro/layers/linear_parameters.hpp"
#include "gloro/layers/window.hpp"
#include "gloro/lipschitz/power_iteration.hpp"
#include "gloro/lipschitz/rounding.hpp"

namespace gloro {

struct ConvexPotentialOptions {
  Index hidden = 0;   ///< rows of W, or its filters; 0: as many as the sample has channels
  Extent kernel = 3;  ///< of W on images, stride 1, `same` padding; on flat samples W is a matrix
  bool bias = true;
  Initializer initializer = Initializer::orthogonal;
  /// h where it shall stay as it is, in a trained layer from a file. Without it every step of power
  /// iteration sets h = 2 / sigma^2, sigma the estimate of ||W||, and training follows h.
  std::optional<double> scale = {};
};

/// Lipschitz for whatever W and h: relu(s) - relu(t) = D (s - t) with a diagonal D of numbers from
/// 0 to 1, so that two outputs differ by (I - h W^T D W) (x - x'). For h >= 0 that matrix is
/// symmetric with eigenvalues from 1 - h ||W||^2 to 1, and its norm at most max(1, h ||W||^2 - 1).
/// W^T is computed as the convolution that it is, with the kernels that promise how deep they sum.
template <std::floating_point Scalar>
class ConvexPotential : public LinearParameters<Scalar> {
  using Base = LinearParameters<Scalar>;
  using Base::bias_, Base::bias_data, Base::has_bias, Base::right_, Base::weight_;

 public:
  explicit ConvexPotential(ConvexPotentialOptions options = {})
      : options_(options),
        scale_{"scale", Matrix<Scalar>::Constant(
                            1, 1, static_cast<Scalar>(options.scale.value_or(0)))} {
    if (options.hidden < 0)
      throw ArgumentError(message("ConvexPotential needs hidden >= 0, got ", options.hidden));
    if (options.scale && !(*options.scale >= 0 && std::isfinite(*options.scale)))
      throw ArgumentError(message("ConvexPotential needs a finite scale >= 0, got ",
                                  *options.scale));
  }

  [[nodiscard]] Shape output_shape(Shape input) const {
    (void)place(input);
    return input;
  }

  /// W is held twice, its adjoint in another order, and W x is kept beside the sample.
  [[nodiscard]] double memory(Shape input) const {
    const kernels::ConvolutionGeometry g = place(input);
    return 2 * Base::memory_of(g.output.channels, g.taps(), input.size()) +
           static_cast<double>(g.output.size()) + LinearMap(g).scratch();
  }

  void initialize(Shape input, Random& random) {
    const kernels::ConvolutionGeometry g = place(input);
    map_ = LinearMap(g);
    Base::draw(options_.initializer, g.output.channels, g.taps(), g.kernel_height * g.kernel_width,
               options_.bias, input.size(), random);
    options_.hidden = g.output.channels;
    options_.kernel = {g.kernel_height, g.kernel_width};
    constexpr int first_iterations = 10;  // h must not be far off from the first sample on
    if (is_following()) refresh_lipschitz(first_iterations);
  }

  /// The vector of power iteration, and h.
  [[nodiscard]] std::vector<Parameter<Scalar>*> buffers() { return {&right_, &scale_}; }
  [[nodiscard]] std::vector<const Parameter<Scalar>*> buffers() const {
    return {&right_, &scale_};
  }
  [[nodiscard]] Scalar scale() const { return scale_.value(0, 0); }

  [[nodiscard]] Tensor<Scalar> forward(Tensor<Scalar> x, Tape<Scalar>* tape) const {
    Tensor<Scalar> active = map_.apply(weight_.value, bias_data(), x);
    // NaN stays NaN, and an overflow to minus infinity becomes it: the certificate must see them.
    active.matrix() = active.matrix().unaryExpr([](Scalar v) { return v < 0 ? v * 0 : v; });
    Tensor<Scalar> y = transposed(active);
    y.matrix() = x.matrix() - scale() * y.matrix();
    if (tape) {
      tape->push(std::move(x));
      tape->push(std::move(active));
    }
    return y;
  }

  /// y_i = x_i - h times the sum over all (W x + b)_u > 0 that read x_i of W_ui (W x + b)_u.
  [[nodiscard]] double definition(const Tensor<double>& x, Index i) const {
    const kernels::ConvolutionGeometry& g = map_.geometry();
    const Index ci = i % g.input.channels, pixel = i / g.input.channels;
    CompensatedSum sum;
    for (Index ky = 0; ky < g.kernel_height; ++ky)
      for (Index kx = 0; kx < g.kernel_width; ++kx) {
        const Index row = pixel / g.input.width + g.pad_top - ky;
        const Index column = pixel % g.input.width + g.pad_left - kx;
        if (row < 0 || row >= g.output.height || column < 0 || column >= g.output.width) continue;
        for (Index co = 0; co < g.output.channels; ++co) {
          const Index u = (row * g.output.width + column) * g.output.channels + co;
          const double active = std::max(
              defined_convolution(g, weight_.value, bias_.value, x, u), 0.0);
          const Index tap = (ky * g.kernel_width + kx) * g.input.channels + ci;
          sum.add(static_cast<double>(weight_.value(co, tap)) * active);
        }
      }
    return x.data()[i] - static_cast<double>(scale()) * sum.value();
  }

  [[nodiscard]] Tensor<Scalar> backward(Tensor<Scalar> dy, Tape<Scalar>& tape,
                                        std::span<GradientView<Scalar>> gradients,
                                        InputGradient wanted) const {
    const Tensor<Scalar> active = tape.pop(), x = tape.pop();
    Tensor<Scalar> down = dy;  // by W^T relu(W x + b)
    down.matrix() *= -scale();
    Tensor<Scalar> inner = map_.apply<Scalar>(weight_.value, nullptr, down);  // by relu, W x + b
    inner.matrix().array() *= (active.matrix().array() > 0).template cast<Scalar>();
    if (!gradients.empty()) {
      map_.add_gradient(down.data(), active.data(), gradients[0], x.batch());
      map_.add_gradient(x.data(), inner.data(), gradients[0], x.batch());
      if (is_following())
        add_gradient_of_scale(inner.matrix().cwiseProduct(active.matrix()).sum(), gradients[0]);
      if (has_bias()) {
        const Eigen::Map<const Matrix<Scalar>> pixels(inner.data(), weight_.value.rows(),
                                                      inner.size() / weight_.value.rows());
        gradients[1] += pixels.rowwise().sum();
      }
    }
    if (wanted == InputGradient::skip) return {};
    Tensor<Scalar> dx = transposed(inner);
    dx.matrix() += dy.matrix();
    return dx;
  }

  void refresh_lipschitz(int iterations) {
    const LinearMap adjoint = map_.adjoint();
    const Matrix<Scalar> turned = map_.adjoint_weights(weight_.value);
    power_iteration(
        right_.value, iterations, [&](const auto& v) { return map_.apply(weight_.value, v); },
        [&](const auto& u) { return adjoint.apply(turned, u); });
    if (!is_following()) return;
    const double h = 2 / squared_norm();
    scale_.value(0, 0) = h < static_cast<double>(std::numeric_limits<Scalar>::max())
                             ? static_cast<Scalar>(h)
                             : Scalar(0);  // W = 0: the identity
  }
  [[nodiscard]] Scalar lipschitz() const {
    return static_cast<Scalar>(std::max(1.0, static_cast<double>(scale()) * squared_norm() - 1));
  }
  /// None while h follows W: the constant is 1 whatever W is.
  void lipschitz_backward(Scalar g, std::span<GradientView<Scalar>> gradients) const {
    if (is_following() || !(lipschitz() > 1)) return;
    const Matrix<Scalar> left = 2 * g * scale() * map_.apply(weight_.value, right_.value);
    map_.add_gradient(right_.value.data(), left.data(), gradients[0], 1);
  }
  [[nodiscard]] double lipschitz_upper_bound() const {
    const auto h = static_cast<double>(scale());
    if (!(h >= 0)) return infinity;
    const double norm = map_.upper_bound(weight_.value);
    return std::max(1.0, add_up(mul_up(h, mul_up(norm, norm)), -1));
  }

  [[nodiscard]] bool has_quick_bound() const { return map_.has_quick_bound(weight_.value); }

  /// Step by step for an input of norm n, every bound a RoundingBound in n. With r1, r2 the
  /// rounding of the two products and N >= ||W||: relu(W x + b) is off by r1(n), of norm at most N
  /// n + ||b|| + r1(n); W^T of it off by N r1(n) + r2(that norm); the last product and difference
  /// cost gamma_2 of the sum of their magnitudes.
  [[nodiscard]] RoundingBound rounding() const {
    const auto h = static_cast<double>(scale());
    if (!(h >= 0 && h < infinity)) return {infinity, infinity};
    const auto sum = [](RoundingBound a, RoundingBound b) -> RoundingBound {
      return {add_up(a.relative, b.relative), add_up(a.absolute, b.absolute)};
    };
    const auto times = [](double factor, RoundingBound a) -> RoundingBound {
      return {mul_up(factor, a.relative), mul_up(factor, a.absolute)};
    };
    const kernels::ConvolutionGeometry& g = map_.geometry();
    // In double the rounding is below anything that counts: the quick bound of ||W|| will do.
    const double norm = std::same_as<Scalar, double> ? map_.magnitude(weight_.value)
                                                     : map_.upper_bound(weight_.value);
    const auto root = [](Index count) { return sqrt_up(static_cast<double>(count)); };
    const double offset = mul_up(detail::frobenius_bound_of_any(bias_.value),
                                 root(g.output.height * g.output.width));
    const double tiny = static_cast<double>(std::numeric_limits<Scalar>::min());
    RoundingBound first = map_.rounding(weight_.value, bias_.value);
    first.absolute = add_up(first.absolute, mul_up(tiny, root(g.output.size())));  // relu's < 0
    const RoundingBound active = sum({norm, offset}, first);
    const RoundingBound second = map_.adjoint().rounding(map_.adjoint_weights(weight_.value), {});
    const RoundingBound lost_in_second = {mul_up(second.relative, active.relative),
                                          add_up(mul_up(second.relative, active.absolute),
                                                 second.absolute)};
    const RoundingBound error = sum(times(norm, first), lost_in_second);
    const RoundingBound result = times(h, sum(times(norm, active), lost_in_second));
    // Underflow, gradual or to zero, of the last two results, and of their operands where denormals
    // are read as zero: h with all that it multiplies, the rest value by value.
    const RoundingBound last = sum(times(gamma(2, unit_roundoff<Scalar>()), sum({1, 0}, result)),
                                   {0, mul_up(mul_up(tiny, root(g.input.size())), add_up(4, h))});
    const RoundingBound small_scale =
        h < tiny ? times(tiny, sum(times(norm, active), lost_in_second)) : RoundingBound{};
    return sum(sum(times(h, error), last), small_scale);
  }

  [[nodiscard]] Description describe() const {
    Description description{"convex_potential",
                            {{"hidden", options_.hidden},
                             {"kernel", options_.kernel.described()},
                             {"scale", static_cast<double>(scale())}}};
    if (!options_.bias) description.options.emplace_back("bias", false);
    return description;
  }
  template <std::floating_point Other>
  [[nodiscard]] ConvexPotential<Other> cast() const {
    ConvexPotential<Other> other(options_);
    other.map_ = map_;
    other.take(*this);
    other.scale_.value = scale_.value.template cast<Other>();
    return other;
  }

 private:
  template <std::floating_point>
  friend class ConvexPotential;

  [[nodiscard]] bool is_following() const { return !options_.scale; }

  [[nodiscard]] kernels::ConvolutionGeometry place(const Shape& input) const {
    if (input.size() < 1)
      throw ShapeError(message("ConvexPotential got an empty input of ", input));
    const Extent kernel = input.is_flat() ? Extent(1) : options_.kernel;
    return Window{kernel, 1, Padding::same}.on(
        input, options_.hidden > 0 ? options_.hidden : input.channels);
  }

  [[nodiscard]] Tensor<Scalar> transposed(const Tensor<Scalar>& u) const {
    return map_.adjoint().apply<Scalar>(map_.adjoint_weights(weight_.value), nullptr, u);
  }

  /// sigma^2 for the stored vector.
  [[nodiscard]] double squared_norm() const {
    return map_.apply(weight_.value, right_.value).template cast<double>().squaredNorm();
  }

  /// h = 2 / ||W v||^2 with v held: dh = -2 h (W v) v^T / ||W v||^2. `slope`: h times the
  /// derivative by h.
  void add_gradient_of_scale(Scalar slope, GradientView<Scalar>& gradient) const {
    Matrix<Scalar> left = map_.apply(weight_.value, right_.value);
    const Scalar squares = left.squaredNorm();
    if (!(squares > 0)) return;
    left *= -2 * slope / squares;
    map_.add_gradient(right_.value.data(), left.data(), gradient, 1);
  }

  ConvexPotentialOptions options_;
  LinearMap map_;
  Parameter<Scalar> scale_;
};

}  // namespace gloro
