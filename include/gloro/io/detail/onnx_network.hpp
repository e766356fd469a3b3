// OnnxNetwork: from steps in double to a model in float or double, each parameter rounded once.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/io/detail/memory_account.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/io/detail/onnx_value.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/catalogue.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/settle.hpp"

namespace gloro::detail {

/// Ends `steps` with a dense layer, whose outputs are those of `value` as ONNX has them: a convolution over
/// the whole image is one; where the last layer is none, the identity follows.
inline void end_dense(OnnxSteps& steps, const Shape& input, const OnnxValue& value,
                      MemoryAccount& memory) {
  LinearStep* last = steps.empty() ? nullptr : steps.back().as<LinearStep>();
  bool is_in_order = value.shape.is_flat();
  for (Index i = 0; is_in_order && i < value.size(); ++i) is_in_order = value.at(i) == i;
  if (last && is_in_order) {
    if (!last->window) return;
    const Shape& in = steps.back().input;
    if (last->window->kernel == Extent(in.height, in.width) &&
        last->window->padding == Padding(0, 0, 0, 0)) {
      last->window.reset();
      return;
    }
  }
  const Index size = value.size();
  memory.take("the identity as the last layer, for the network ends with none that is dense",
              static_cast<double>(size) * static_cast<double>(size));
  LinearStep identity{{}, Matrix<double>::Zero(size, size), {}};
  for (Index i = 0; i < size; ++i) identity.weight(i, value.at(i)) = 1;
  steps.push_back({steps.empty() ? "the identity" : steps.back().node,
                   steps.empty() ? input : steps.back().output, Shape::flat(size),
                   std::move(identity)});
}

template <std::floating_point Scalar>
class OnnxNetwork {
 public:
  explicit OnnxNetwork(MemoryAccount& memory) : memory_(memory) {}

  /// Throws Error with the node's name.
  [[nodiscard]] GloroModel<Scalar> build(const Shape& input, OnnxSteps steps) {
    auto model = GloroModel<Scalar>::placed(input, layers_of(std::move(steps)));
    memory_.take_margins(model.classes());
    const auto parameters = model.parameters();
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      const auto& [node, value] = values_.at(p);
      Matrix<Scalar>& own = parameters[p]->value;
      if (own.rows() != value.rows() || own.cols() != value.cols())
        throw Error(message(node, ": its ", parameters[p]->name, " is ", value.rows(), "x",
                            value.cols(), ", expected ", own.rows(), "x", own.cols()));
      own = value.template cast<Scalar>();
      if (!own.allFinite())
        throw Error(message(node, ": its ", parameters[p]->name, " is not finite"));
    }
    settle_lipschitz(model, {.tolerance = 1e-5, .most_steps = 1000});
    return model;
  }

 private:
  [[nodiscard]] std::vector<AnyLayer<Scalar>> layers_of(OnnxSteps steps) {
    std::vector<AnyLayer<Scalar>> layers;
    for (OnnxStep& step : steps)
      in_part(
          [&] {
            layers.push_back(layer_of(step));
            if (const Shape output = layers.back().output_shape(step.input); output != step.output)
              throw Error(
                  message("as a layer it has an output of ", output, ", expected ", step.output));
            memory_.take_layer(layers.back(), step.input);
          },
          step.node);
    return layers;
  }

  [[nodiscard]] AnyLayer<Scalar> layer_of(OnnxStep& step) {
    if (auto* linear = step.as<LinearStep>()) return of(std::move(*linear), step);
    if (const auto* affine = step.as<AffineStep>()) return of(*affine, step);
    if (const auto* zeros = step.as<PaddingStep>()) {
      LinearStep same = diagonal(step.input.channels, Vector<double>::Ones(step.input.channels));
      same.window->padding = zeros->padding;
      return of(std::move(same), step);
    }
    if (auto* named = step.as<NamedStep>()) {
      for (Matrix<double>& value : named->values) take(step, std::move(value));
      return made(named->layer);
    }
    return of(std::move(*step.as<JoinStep>()), step);
  }

  /// x + f(x) is a residual block; else each branch is a chain.
  [[nodiscard]] AnyLayer<Scalar> of(JoinStep join, const OnnxStep&) {
    std::vector<OnnxSteps>& branches = join.branches;
    if (join.is_sum && branches.size() == 2 && branches[0].empty() != branches[1].empty())
      return Residual<Scalar>(
          {.body = layers_of(std::move(branches[branches[0].empty() ? 1 : 0]))});
    ParallelOptions<Scalar> options{.branches = {},
                                    .join = join.is_sum ? Join::sum : Join::concatenate};
    for (OnnxSteps& branch : branches) {
      std::vector<AnyLayer<Scalar>> layers = layers_of(std::move(branch));
      if (layers.size() == 1)
        options.branches.push_back(std::move(layers[0]));
      else
        options.branches.push_back(Chain<Scalar>(std::move(layers)));
    }
    return Parallel<Scalar>(std::move(options));
  }

  [[nodiscard]] AnyLayer<Scalar> of(LinearStep linear, const OnnxStep& step) {
    const bool has_bias = linear.bias.size() > 0;
    const Index outputs = linear.weight.rows();
    take(step, std::move(linear.weight));
    if (has_bias) take(step, std::move(linear.bias));
    if (!linear.window) return made({"dense", {{"units", outputs}, {"bias", has_bias}}});
    return made({"conv2d",
                 {{"filters", outputs},
                  {"kernel", linear.window->kernel.described()},
                  {"stride", linear.window->stride.described()},
                  {"padding", linear.window->padding.described()},
                  {"bias", has_bias}}});
  }

  /// A scaling, a normalization, or a gain and a bias for each channel.
  [[nodiscard]] AnyLayer<Scalar> of(const AffineStep& affine, const OnnxStep& step) {
    const Vector<double> bias = affine.after - affine.before.cwiseProduct(affine.scale);
    const bool has_bias = !bias.isZero(0);
    if (affine.is_uniform && !has_bias) {
      take(step, Matrix<double>::Constant(1, 1, affine.scale(0)));
      return made({"scaling"});
    }
    if (has_bias && affine.after.isZero(0))
      return made({"normalization",
                   {{"shift", std::vector<double>(affine.before.begin(), affine.before.end())},
                    {"scale", std::vector<double>(affine.scale.begin(), affine.scale.end())}}});
    const bool has_gain = affine.scale != Vector<double>::Ones(affine.scale.size());
    if (has_gain || !has_bias) take(step, affine.scale);
    if (has_bias) take(step, bias);
    return made({"channel_affine", {{"gain", has_gain || !has_bias}, {"bias", has_bias}}});
  }

  /// Each channel by itself: a convolution with a kernel of one.
  [[nodiscard]] LinearStep diagonal(Index channels, const Vector<double>& scale) {
    memory_.take("a convolution of each channel by itself",
                 static_cast<double>(channels) * static_cast<double>(channels));
    return {Window{1, 1, Padding(0, 0, 0, 0)}, scale.asDiagonal(), {}};
  }

  [[nodiscard]] static AnyLayer<Scalar> made(const Description& layer) {
    return Catalogue::ours().make<Scalar>(layer);
  }

  void take(const OnnxStep& step, Matrix<double> value) {
    values_.emplace_back(step.node, std::move(value));
  }

  MemoryAccount& memory_;
  std::vector<std::pair<std::string, Matrix<double>>> values_;  // in the parameters' order
};

}  // namespace gloro::detail
