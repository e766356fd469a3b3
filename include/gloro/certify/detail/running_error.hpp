// RunningError: a network evaluated up to its logits with, for each sample, a bound on the rounding
// error of that very evaluation at the head's input, stage by stage.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gloro/certify/detail/stage.hpp"
#include "gloro/core/buffer.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/rounding/environment.hpp"
#include "gloro/rounding/norm_bound.hpp"

namespace gloro {

/// A rigorous Lipschitz bound of each layer before the head. Throws Error if a layer leaves the thread
/// in another floating-point environment.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<LayerBound> body_upper_bounds(const GloroModel<Scalar>& model) {
  const rounding::DefaultFloatingPoint nearest;
  std::vector<LayerBound> bounds;
  for (std::size_t l = 0; l + 1 < model.layers().size(); ++l) {
    bounds.push_back(bound_of(model.layers()[l], model.input_shape(l)));
    rounding::DefaultFloatingPoint::require_after("layer ", l);
  }
  return bounds;
}

/// Those of the layers themselves.
[[nodiscard]] inline std::vector<double> wholes(std::span<const LayerBound> bounds) {
  std::vector<double> all;
  for (const LayerBound& bound : bounds) all.push_back(bound.whole);
  return all;
}

template <std::floating_point Scalar>
class RunningError {
 public:
  struct Result {
    Tensor<Scalar> logits;
    Buffer<ActivationBound> at_head;  ///< of the head's input, a sample each
  };

  /// `bounds`: body_upper_bounds of the same real network, in either precision. Throws Error,
  /// naming the layer, if one does not state its rounding error.
  RunningError(GloroModel<Scalar> model, std::span<const LayerBound> bounds)
      : model_(std::move(model)) {
    model_.require_extents();
    const auto& layers = model_.layers();
    for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
      detail::in_layer(l, [&] {
        stages_.push_back(Stage<Scalar>("layer " + std::to_string(l), layers[l], bounds[l],
                                        model_.input_shape(l)));
      });
      rounding::DefaultFloatingPoint::require_after("layer ", l);
    }
  }

  [[nodiscard]] const GloroModel<Scalar>& model() const { return model_; }
  /// Of the layers before the head.
  [[nodiscard]] const std::vector<Stage<Scalar>>& stages() const { return stages_; }

  /// The inputs are exact, whatever they are. `workers` share the work of a few samples.
  [[nodiscard]] Result operator()(Tensor<Scalar> x, Workers* workers = nullptr) const {
    model_.require_input(x.shape());
    rounding::DefaultFloatingPoint::require_after("whoever asks");
    Buffer<ActivationBound> bounds(static_cast<std::size_t>(x.batch()));
    const NormBound<Scalar> input_norm(x.shape().size());
    for (Index n = 0; n < x.batch(); ++n) bounds.data()[n] = {input_norm(x.sample(n)), 0};
    const std::span<ActivationBound> known(bounds.data(), bounds.size());
    for (std::size_t l = 0; l < stages_.size(); ++l)
      x = stages_[l].run(model_.layers()[l], std::move(x), known, workers);
    return {model_.layers().back().forward(std::move(x), {.workers = workers}), std::move(bounds)};
  }

 private:
  GloroModel<Scalar> model_;
  std::vector<Stage<Scalar>> stages_;
};

}  // namespace gloro
