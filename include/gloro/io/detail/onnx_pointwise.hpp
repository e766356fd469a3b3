// Operators of ONNX that are done value by value: activations.
#pragma once

#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/onnx_call.hpp"
#include "gloro/io/detail/onnx_layout.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/layers/description.hpp"

namespace gloro::detail::from_onnx {

[[nodiscard]] inline double finite(double value) {
  if (!std::isfinite(value)) throw Error(message("it has a number that is ", value));
  return value;
}

[[nodiscard]] inline OnnxBuilt elementwise(const OnnxCall& call, Description layer) {
  const OnnxValue& x = call.value();
  return {x, {{{}, x.shape, x.shape, NamedStep{std::move(layer)}}}};
}

[[nodiscard]] inline OnnxBuilt rectify(const OnnxCall& call) { return elementwise(call, {"relu"}); }

[[nodiscard]] inline OnnxBuilt rectify_leakily(const OnnxCall& call) {
  const double slope =
      call.node.op == "PRelu" ? call.number(1, 0) : call.node.real("alpha", double{0.01F});
  return elementwise(call, {"leaky_relu", {{"slope", finite(slope)}}});
}

[[nodiscard]] inline OnnxBuilt take_magnitude(const OnnxCall& call) {
  return elementwise(call, {"abs"});
}

[[nodiscard]] inline OnnxBuilt take_tanh(const OnnxCall& call) {
  return elementwise(call, {"tanh"});
}

[[nodiscard]] inline OnnxBuilt take_sigmoid(const OnnxCall& call) {
  return elementwise(call, {"sigmoid"});
}

[[nodiscard]] inline OnnxBuilt take_elu(const OnnxCall& call) {
  return elementwise(call, {"elu", {{"alpha", finite(call.node.real("alpha", 1))}}});
}

[[nodiscard]] inline OnnxBuilt take_softplus(const OnnxCall& call) {
  return elementwise(call, {"softplus", {{"beta", finite(call.number(1, 1))}}});
}

/// min(max(x, a), b) = b - relu((b - a) - relu(x - a)), or half of that where one end is open.
[[nodiscard]] inline OnnxBuilt clip(const OnnxCall& call) {
  constexpr double open = std::numeric_limits<float>::max();  // by default, and where files say so
  const double low = call.number(1, call.node.real("min", -open));
  const double high = call.number(2, call.node.real("max", open));
  if (!(low <= high)) throw Error(message("it clips to ", low, " and above, ", high, " and below"));
  OnnxBuilt built{call.value()};
  const Shape& shape = built.value.shape;
  const auto mirrored = [&](double scale, double after) {  // scale x + after
    AffineStep step = AffineStep::none(shape.channels);
    step.scale.setConstant(scale);
    step.after.setConstant(after);
    step.is_uniform = true;
    built.steps.push_back({{}, shape, shape, std::move(step)});
  };
  const auto relu = [&] { built.steps.push_back({{}, shape, shape, NamedStep{{"relu"}}}); };
  const auto is_open = [](double end) {
    return end == open || end == std::numeric_limits<double>::max() || end == infinity;
  };
  const bool has_low = !is_open(-low), has_high = !is_open(high);
  if (has_low) mirrored(1, -low), relu();
  if (has_high) mirrored(-1, has_low ? high - low : high), relu(), mirrored(-1, high);
  if (has_low && !has_high) mirrored(1, low);
  return built;
}

}  // namespace gloro::detail::from_onnx
