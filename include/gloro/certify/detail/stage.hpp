// Stage: one layer of a network under evaluation, and what is known of its computed outputs. For each sample
// (docs/soundness.md, lemma 2)
//   e' = stretch e + relative n + absolute,
// where e bounds the distance between the computed and the exact activation and n the norm of the
// computed one; in double, rounded up. Inside a layer that is made of layers there is a stage for each of
// them, so that norms are measured there too.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/buffer.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/detail/growth.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/rounding/environment.hpp"
#include "gloro/rounding/norm_bound.hpp"
#include "gloro/rounding/outward.hpp"
#include "gloro/rounding/sums.hpp"

namespace gloro {

/// What is known of one sample's computed activation; +infinity where nothing is.
struct ActivationBound {
  double norm = 0;   ///< its 2-norm is at most this
  double error = 0;  ///< and its 2-distance from the exact activation at most this
};

/// A rigorous Lipschitz bound of a layer, and of each layer that it is made of.
struct LayerBound {
  double whole = 0;
  std::vector<LayerBound> parts = {};
};

/// Each layer inside is bounded once.
template <std::floating_point Scalar>
[[nodiscard]] LayerBound bound_of(const AnyLayer<Scalar>& layer, const Shape& input) {
  LayerBound bound;
  const auto from_parts = [&](const auto& composite) {
    std::vector<double> wholes;
    for (const Part<Scalar>& part : composite.parts(input)) {
      bound.parts.push_back(bound_of(*part.layer, part.input));
      wholes.push_back(bound.parts.back().whole);
    }
    bound.whole = composite.upper_bound_from(wholes);
    return bound;
  };
  if (const auto* chain = layer.template as<Chain<Scalar>>()) return from_parts(*chain);
  if (const auto* residual = layer.template as<Residual<Scalar>>()) return from_parts(*residual);
  if (const auto* parallel = layer.template as<Parallel<Scalar>>()) return from_parts(*parallel);
  bound.whole = layer.lipschitz_upper_bound();
  return bound;
}

template <std::floating_point Scalar>
class Stage {
 public:
  /// For `layer` and no other, but copies of it; `name`: of its place, for messages.
  Stage(std::string name, const AnyLayer<Scalar>& layer, const LayerBound& bound,
        const Shape& input)
      : name_(std::move(name)),
        kind_(kind_of(layer)),
        input_(input),
        stretch_(bound.whole),
        output_norm_(layer.output_shape(input).size()) {
    if (kind_ == Kind::leaf) {
      begin_leaf(layer);
      return;
    }
    const auto parts = layer.parts(input);
    for (std::size_t p = 0; p < parts.size(); ++p)
      parts_.push_back(
          Stage(name_ + '.' + parts[p].name, *parts[p].layer, bound.parts.at(p), parts[p].input));
    const auto branches = static_cast<Index>(parts.size());
    if (kind_ == Kind::residual || kind_ == Kind::parallel)
      rounding_ = gloro::rounding::of_sums<Scalar>(kind_ == Kind::residual ? 2 : branches,
                                                   layer.output_shape(input).size());
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Shape& input() const { return input_; }
  [[nodiscard]] double stretch() const { return stretch_; }
  /// Of the layers inside, in the order of layer.parts().
  [[nodiscard]] const std::vector<Stage>& parts() const { return parts_; }

  /// Evaluates the layer on x, of which `bounds` say what is known, a sample each; they then say it of
  /// what is returned.
  [[nodiscard]] Tensor<Scalar> run(const AnyLayer<Scalar>& layer, Tensor<Scalar> x,
                                   std::span<ActivationBound> bounds, Workers* workers) const {
    if (kind_ == Kind::chain)
      return run_in_order(layer.template as<Chain<Scalar>>()->layers(), std::move(x), bounds,
                          workers);
    if (kind_ == Kind::residual)
      return run_residual(*layer.template as<Residual<Scalar>>(), x, bounds, workers);
    if (kind_ == Kind::parallel)
      return run_parallel(*layer.template as<Parallel<Scalar>>(), x, bounds, workers);
    x = layer.forward(std::move(x), {.workers = workers});
    gloro::rounding::DefaultFloatingPoint::require_after(name_);
    for (Index n = 0; n < x.batch(); ++n) advance(bounds[static_cast<std::size_t>(n)], x.sample(n));
    return x;
  }

 private:
  enum class Kind { leaf, chain, residual, parallel };

  [[nodiscard]] static Kind kind_of(const AnyLayer<Scalar>& layer) {
    return layer.template as<Chain<Scalar>>()      ? Kind::chain
           : layer.template as<Residual<Scalar>>() ? Kind::residual
           : layer.template as<Parallel<Scalar>>() ? Kind::parallel
                                                   : Kind::leaf;
  }

  void begin_leaf(const AnyLayer<Scalar>& layer) {
    rounding_ = layer.rounding();
    if (rounding_.is_exact()) at_zero_ = detail::norm_at_zero(layer, input_);
  }

  /// An exact layer moves norms by its stretch at most, and makes no infinity. Any other is
  /// measured, which also shows an overflow, before a later layer can hide it.
  void advance(ActivationBound& bound, const Scalar* output) const {
    using namespace gloro::rounding;
    bound.error = stretched(bound.error);
    if (rounding_.is_exact()) {
      bound.norm = add_up(stretched(bound.norm), at_zero_);
      return;
    }
    bound.error = add_up(bound.error, rounding_.at(bound.norm));
    measure(bound, output);
  }

  void measure(ActivationBound& bound, const Scalar* output) const {
    bound.norm = output_norm_(output);
    if (bound.norm == infinity) bound.error = infinity;
  }

  [[nodiscard]] double stretched(double x) const {
    return stretch_ == 1 ? x : gloro::rounding::mul_up(stretch_, x);
  }

  [[nodiscard]] Tensor<Scalar> run_in_order(const std::vector<AnyLayer<Scalar>>& layers,
                                            Tensor<Scalar> x, std::span<ActivationBound> bounds,
                                            Workers* workers) const {
    for (std::size_t p = 0; p < parts_.size(); ++p)
      x = parts_[p].run(layers[p], std::move(x), bounds, workers);
    return x;
  }

  /// The same input, as if it were exact: what is computed of it is off by `error` of what comes out.
  [[nodiscard]] static Buffer<ActivationBound> fresh(std::span<const ActivationBound> bounds) {
    Buffer<ActivationBound> inside(bounds.size());
    for (std::size_t n = 0; n < bounds.size(); ++n) inside.data()[n] = {bounds[n].norm, 0};
    return inside;
  }

  /// e' = K e + e_f + gamma_1 ||y^||, e_f of f on the computed input alone: its own error then meets
  /// the whole map's K, which may be less than 1 + K_f.
  [[nodiscard]] Tensor<Scalar> run_residual(const Residual<Scalar>& residual,
                                            const Tensor<Scalar>& x,
                                            std::span<ActivationBound> bounds,
                                            Workers* workers) const {
    using namespace gloro::rounding;
    Buffer<ActivationBound> inside = fresh(bounds);
    Tensor<Scalar> y = run_in_order(residual.body().layers(), x, span_of(inside), workers);
    y.matrix() += x.matrix();
    for (std::size_t n = 0; n < bounds.size(); ++n) {
      ActivationBound& bound = bounds[n];
      bound.error = add_up(stretched(bound.error), inside.data()[n].error);
      measure(bound, y.sample(static_cast<Index>(n)));
      bound.error = add_up(bound.error, rounding_.at(bound.norm));
    }
    return y;
  }

  /// Summed: e' = K e + e_1 + ... + gamma (n_1 + ...); side by side: the roots of the sums of squares.
  [[nodiscard]] Tensor<Scalar> run_parallel(const Parallel<Scalar>& parallel,
                                            const Tensor<Scalar>& x,
                                            std::span<ActivationBound> bounds,
                                            Workers* workers) const {
    using namespace gloro::rounding;
    const bool sums = parallel.join() == Join::sum;
    Buffer<ActivationBound> joined(bounds.size());
    for (std::size_t n = 0; n < bounds.size(); ++n) joined.data()[n] = {};
    Tensor<Scalar> y;
    for (std::size_t b = 0; b < parts_.size(); ++b) {
      Buffer<ActivationBound> inside = fresh(bounds);
      parallel.join_in(y, b, parts_[b].run(parallel.branches()[b], x, span_of(inside), workers));
      for (std::size_t n = 0; n < bounds.size(); ++n) {
        const auto [norm, error] = inside.data()[n];
        auto& [norms, errors] = joined.data()[n];
        norms = add_up(norms, sums ? norm : mul_up(norm, norm));
        errors = add_up(errors, sums ? error : mul_up(error, error));
      }
    }
    for (std::size_t n = 0; n < bounds.size(); ++n) {
      ActivationBound& bound = bounds[n];
      const auto [norms, errors] = joined.data()[n];
      bound.error = add_up(stretched(bound.error), sums ? errors : sqrt_up(errors));
      if (sums) {
        bound.error = add_up(bound.error, rounding_.at(norms));
        measure(bound, y.sample(static_cast<Index>(n)));
      } else {
        bound.norm = sqrt_up(norms);
      }
    }
    return y;
  }

  [[nodiscard]] static std::span<ActivationBound> span_of(Buffer<ActivationBound>& bounds) {
    return {bounds.data(), bounds.size()};
  }

  std::string name_;
  Kind kind_;
  Shape input_;
  double stretch_;
  RoundingBound rounding_;  // of the layer; of a composite, of what it adds up
  double at_zero_ = 0;      // ||f(0)||, where the layer is exact
  NormBound<Scalar> output_norm_;
  std::vector<Stage> parts_;
};

}  // namespace gloro
