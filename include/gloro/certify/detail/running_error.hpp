// RunningError: a network evaluated up to its logits with, for each sample, a bound on the rounding
// error of that very evaluation at the head's input. Layer by layer (docs/soundness.md, lemma 2)
//   e' = stretch e + relative n + absolute,
// where e bounds the distance between the computed and the exact activation and n the norm of the
// computed one; in double, rounded up.
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "gloro/core/buffer.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/model/detail/chain.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/rounding/environment.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro {

/// What is known of one sample's computed activation; +infinity where nothing is.
struct ActivationBound {
  double norm = 0;   ///< its 2-norm is at most this
  double error = 0;  ///< and its 2-distance from the exact activation at most this
};

/// Norms of computed vectors of one length, bounded from a sum of squares in the vectors' own
/// precision: n products, summed in any order; each operation loses a few smallest normal numbers.
template <std::floating_point Scalar>
class NormBound {
 public:
  explicit NormBound(Index size) : size_(size) {
    using namespace rounding;
    const auto n = static_cast<double>(size);
    shrunk_ = add_down(1, -gamma(n, unit_roundoff<Scalar>()));
    lost_ = mul_up(16 * n, static_cast<double>(std::numeric_limits<Scalar>::min()));
  }

  /// At least ||values||; +infinity if the squares overflow or a value is NaN or infinite.
  [[nodiscard]] double operator()(const Scalar* values) const {
    using namespace rounding;
    const auto squares =
        static_cast<double>(Eigen::Map<const Vector<Scalar>>(values, size_).squaredNorm());
    if (!(shrunk_ > 0 && squares <= static_cast<double>(std::numeric_limits<Scalar>::max())))
      return infinity;
    return sqrt_up(div_up(add_up(squares, lost_), shrunk_));
  }

 private:
  Index size_;
  double shrunk_ = 0, lost_ = 0;
};

/// A rigorous Lipschitz bound of each layer before the head. Throws Error if a layer leaves the thread
/// in another floating-point environment.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<double> body_upper_bounds(const GloroModel<Scalar>& model) {
  const rounding::DefaultFloatingPoint nearest;
  std::vector<double> bounds;
  for (std::size_t l = 0; l + 1 < model.layers().size(); ++l) {
    bounds.push_back(model.layers()[l].lipschitz_upper_bound());
    rounding::DefaultFloatingPoint::require_after("layer ", l);
  }
  return bounds;
}

template <std::floating_point Scalar>
class RunningError {
 public:
  struct Result {
    Tensor<Scalar> logits;
    Buffer<ActivationBound> at_head;  ///< of the head's input, a sample each
  };

  /// `stretches`: body_upper_bounds of the same real network, in either precision. Throws Error,
  /// naming the layer, if one does not state its rounding error.
  RunningError(GloroModel<Scalar> model, std::span<const double> stretches)
      : model_(std::move(model)) {
    model_.require_extents();
    const auto& layers = model_.layers();
    for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
      const Shape input = l == 0 ? model_.input_shape() : model_.output_shape(l - 1);
      detail::in_layer(l, [&] {
        stages_.push_back(Stage(layers[l], stretches[l], input, model_.output_shape(l)));
      });
      rounding::DefaultFloatingPoint::require_after("layer ", l);
    }
  }

  [[nodiscard]] const GloroModel<Scalar>& model() const { return model_; }
  /// What layer l, one before the head, promises of its own rounding.
  [[nodiscard]] const RoundingBound& rounding(std::size_t l) const {
    return stages_.at(l).rounding;
  }

  /// The inputs are exact, whatever they are. `workers` share the work of a few samples.
  [[nodiscard]] Result operator()(Tensor<Scalar> x, Workers* workers = nullptr) const {
    model_.require_input(x.shape());
    rounding::DefaultFloatingPoint::require_after("whoever asks");
    Buffer<ActivationBound> bounds(static_cast<std::size_t>(x.batch()));
    const NormBound<Scalar> input_norm(x.shape().size());
    for (Index n = 0; n < x.batch(); ++n) bounds.data()[n] = {input_norm(x.sample(n)), 0};
    for (std::size_t l = 0; l < stages_.size(); ++l) {
      x = model_.layers()[l].forward(std::move(x), {.workers = workers});
      rounding::DefaultFloatingPoint::require_after("layer ", l);
      for (Index n = 0; n < x.batch(); ++n) stages_[l].advance(bounds.data()[n], x.sample(n));
    }
    return {model_.layers().back().forward(std::move(x), {.workers = workers}), std::move(bounds)};
  }

 private:
  struct Stage {
    double stretch;
    RoundingBound rounding;
    double at_zero = 0;  // ||f(0)||, where the layer is exact
    NormBound<Scalar> output_norm;

    Stage(const AnyLayer<Scalar>& layer, double bound, const Shape& input, const Shape& output)
        : stretch(bound), rounding(layer.rounding()), output_norm(output.size()) {
      if (!rounding.is_exact()) return;
      Tensor<Scalar> zero(input, 1);
      zero.matrix().setZero();
      const Tensor<Scalar> image = layer.forward(std::move(zero), {});
      if (!(image.matrix().array() == 0).all()) at_zero = output_norm(image.data());
    }

    /// An exact layer moves norms by its stretch at most, and makes no infinity. Any other is
    /// measured, which also shows an overflow, before a later layer can hide it.
    void advance(ActivationBound& bound, const Scalar* output) const {
      using namespace gloro::rounding;
      bound.error = stretched(bound.error);
      if (rounding.is_exact()) {
        bound.norm = add_up(stretched(bound.norm), at_zero);
        return;
      }
      bound.error = add_up(bound.error, rounding.at(bound.norm));
      bound.norm = output_norm(output);
      if (bound.norm == infinity) bound.error = infinity;
    }

    [[nodiscard]] double stretched(double x) const {
      return stretch == 1 ? x : rounding::mul_up(stretch, x);
    }
  };

  GloroModel<Scalar> model_;
  std::vector<Stage> stages_;
};

}  // namespace gloro
