// Linear operators of ONNX: convolutions, products, shifts and scales, batch norms, zeros around an image.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/io/detail/onnx_call.hpp"
#include "gloro/io/detail/onnx_constants.hpp"
#include "gloro/io/detail/onnx_extents.hpp"
#include "gloro/io/detail/onnx_layout.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/io/detail/onnx_tensor.hpp"
#include "gloro/io/detail/onnx_value.hpp"
#include "gloro/layers/window.hpp"

namespace gloro::detail::from_onnx {

[[nodiscard]] inline Index dilated(Index kernel, Index dilation) {
  const Index spread = checked_sum(checked_product(kernel - 1, dilation), 1);
  if (spread > OnnxCall::most_extent) throw Error(message("its kernel reaches over ", spread));
  return spread;
}

/// The filters of a convolution on `in`, zeros written out where it is in groups or dilated, their
/// inputs in the library's order.
[[nodiscard]] inline Matrix<double> filters(const OnnxCall& call, const Shape& in,
                                            const OnnxValue& value, std::optional<Window>& window) {
  const OnnxTensor& w = call.constant(1, "weights");
  if (w.extents.size() != 4)
    throw Error(message("its weights have ", w.extents.size(),
                        " axes, expected 4: it convolves no images"));
  const Index filters = w.extents[0], channels = w.extents[1];
  const Extent kernel{w.extents[2], w.extents[3]};
  const Index groups = call.node.integer("group", 1);
  if (call.extent("kernel_shape", kernel) != kernel)
    throw Error("its kernel_shape is not that of its weights");
  if (filters < 1 || channels < 1 || groups < 1 || groups > filters || filters % groups != 0 ||
      in.channels % groups != 0 || in.channels / groups != channels)
    throw Error(message("it has ", filters, " filters on ", channels, " channels in ", groups,
                        " groups, on an image of ", in.channels, " channels"));
  if (kernel.height < 1 || kernel.width < 1) throw Error("its kernel is empty");
  const Extent dilation = call.extent("dilations", 1);
  const Extent spread{dilated(kernel.height, dilation.height),
                      dilated(kernel.width, dilation.width)};
  window = call.window(spread, in);

  const Index taps = checked_product(spread.height, spread.width);
  call.memory.take(
      "a convolution's weights with their zeros",
      static_cast<double>(filters) * static_cast<double>(taps) * static_cast<double>(in.channels));
  Matrix<double> weight = Matrix<double>::Zero(filters, checked_product(taps, in.channels));
  std::size_t at = 0;
  for (Index f = 0; f < filters; ++f)
    for (Index c = 0; c < channels; ++c) {
      const Index channel = value.channel(f / (filters / groups) * channels + c);
      for (Index y = 0; y < kernel.height; ++y)
        for (Index x = 0; x < kernel.width; ++x)
          weight(f, (y * dilation.height * spread.width + x * dilation.width) * in.channels +
                        channel) = w.values[at++];
    }
  return weight;
}

/// `built`, the node's input as an image, with a convolution after it, and the node's bias, where it has one.
[[nodiscard]] inline OnnxBuilt convolved(const OnnxCall& call, OnnxBuilt built, LinearStep step) {
  if (const OnnxTensor* bias = call.optional(2)) {
    if (static_cast<Index>(bias->values.size()) != step.weight.rows())
      throw Error(
          message("its bias has ", bias->values.size(), " numbers, expected ", step.weight.rows()));
    step.bias = column(bias->values);
  }
  const Shape in = built.value.shape, out = step.window->on(in, step.weight.rows()).output;
  built.value = image(call, out);
  built.steps.push_back({{}, in, out, std::move(step)});
  return built;
}

[[nodiscard]] inline OnnxBuilt convolve(const OnnxCall& call) {
  OnnxBuilt built = as_image(call.value());
  LinearStep step;
  step.weight = filters(call, built.value.shape, built.value, step.window);
  return convolved(call, std::move(built), std::move(step));
}

/// ConvTranspose of stride 1, which enlarges nothing: the convolution with the kernel turned by half a turn, its
/// inputs and outputs exchanged, and as many zeros as its pads leave of the kernel's reach.
[[nodiscard]] inline OnnxBuilt convolve_back(const OnnxCall& call) {
  OnnxBuilt built = as_image(call.value());
  const Shape in = built.value.shape;
  const OnnxTensor& w = call.constant(1, "weights");
  if (w.extents.size() != 4 || w.extents[0] != in.channels || w.extents[1] < 1)
    throw Error(message("its weights do not fit an image of ", in.channels, " channels"));
  const Index outputs = w.extents[1];
  const Extent kernel{w.extents[2], w.extents[3]};
  if (kernel.height < 1 || kernel.width < 1) throw Error("its kernel is empty");
  const Window given = call.window(kernel, in);
  const std::vector<Index> more = call.node.integers("output_padding");
  if (given.stride != Extent(1) || call.extent("dilations", 1) != Extent(1) ||
      call.node.integer("group", 1) != 1)
    throw Error("it has strides, dilations or groups: it is taken where it enlarges nothing");
  if (call.extent("kernel_shape", kernel) != kernel || call.node.has("output_shape") ||
      call.node.word("auto_pad", "NOTSET") != "NOTSET" ||
      std::any_of(more.begin(), more.end(), [](Index each) { return each != 0; }))
    throw Error("it is taken with its pads alone, not with a shape of its output");
  const auto left = [](Index reach, Index pad) {
    if (pad >= reach) throw Error(message("it cuts off ", pad, " of a kernel's ", reach));
    return reach - 1 - pad;
  };
  const Padding& cut = given.padding;
  LinearStep step;
  step.window = Window{kernel, 1,
                       Padding(left(kernel.height, cut.top), left(kernel.height, cut.bottom),
                               left(kernel.width, cut.left), left(kernel.width, cut.right))};
  call.memory.take("a convolution's weights", static_cast<double>(w.values.size()));
  step.weight.resize(outputs, checked_product(kernel.height * kernel.width, in.channels));
  std::size_t at = 0;
  for (Index c = 0; c < in.channels; ++c)
    for (Index o = 0; o < outputs; ++o)
      for (Index tap = kernel.height * kernel.width - 1; tap >= 0; --tap)
        step.weight(o, tap * in.channels + built.value.channel(c)) = w.values[at++];
  return convolved(call, std::move(built), std::move(step));
}

/// Gemm and MatMul: batch x inputs times a constant.
[[nodiscard]] inline OnnxBuilt multiply(const OnnxCall& call) {
  const OnnxValue& x = call.value();
  const OnnxTensor& w = call.constant(1, "weights");
  if (x.extents.size() != 1 || w.extents.size() != 2)
    throw Error(message("it multiplies samples of ", x.extents.size(), " axes by a constant of ",
                        w.extents.size(), ", expected 1 and 2"));
  if (call.node.integer("transA", 0) != 0) throw Error("it transposes the batch");
  const bool transposed = call.node.integer("transB", 0) != 0;
  const double alpha = call.node.real("alpha", 1), beta = call.node.real("beta", 1);
  const Index inputs = w.extents[transposed ? 1 : 0], outputs = w.extents[transposed ? 0 : 1];
  if (inputs != x.size() || outputs < 1)
    throw Error(message("it multiplies samples of ", x.size(), " values by a constant of ",
                        w.extents[0], "x", w.extents[1]));
  call.memory.take("a matrix", static_cast<double>(w.values.size()));
  LinearStep step;
  step.weight.resize(outputs, inputs);
  for (Index o = 0; o < outputs; ++o)
    for (Index i = 0; i < inputs; ++i)
      step.weight(o, x.at(i)) =
          alpha * w.values[static_cast<std::size_t>(transposed ? o * inputs + i : i * outputs + o)];
  if (const OnnxTensor* c = call.optional(2)) {
    const std::vector<Index> of_sample{1, outputs};
    std::vector<double> bias;
    for (const Index place : places(of_sample, broadcast_strides(c->extents, of_sample)))
      bias.push_back(beta * c->values.at(static_cast<std::size_t>(place)));
    step.bias = column(bias);
  }
  return {flat(call, outputs), {{{}, x.shape, Shape::flat(outputs), std::move(step)}}};
}

/// Add, Sub, Mul and Div where one of both is a constant.
[[nodiscard]] inline OnnxBuilt shift_or_scale(const OnnxCall& call) {
  if (call.inputs.size() != 2) throw Error("it has not two inputs");
  const bool is_second = call.inputs[1].constant != nullptr;
  const OnnxValue* x = call.inputs[is_second ? 0 : 1].value;
  const OnnxTensor* c = call.inputs[is_second ? 1 : 0].constant;
  const std::string& op = call.node.op;
  if (!x || !c) throw Error("neither of its inputs is a constant");
  if (op == "Div" && !is_second) throw Error("it divides a constant by what is not");
  std::vector<Index> of_sample{1};
  of_sample.insert(of_sample.end(), x->extents.begin(), x->extents.end());
  const auto read = places(of_sample, broadcast_strides(c->extents, of_sample));
  const Vector<double> constant = each_channel(*x, [&](Index i) {
    return c->values.at(static_cast<std::size_t>(read[static_cast<std::size_t>(i)]));
  });
  AffineStep step = AffineStep::none(x->shape.channels);
  step.is_uniform = c->values.size() == 1;
  if (op == "Add") step.after = constant;
  if (op == "Sub" && is_second) step.before = constant;
  if (op == "Sub" && !is_second) step.scale.setConstant(-1), step.after = constant;
  if (op == "Mul") step.scale = constant;
  if (op == "Div") step.scale = constant.cwiseInverse();
  return {*x, {{{}, x->shape, x->shape, std::move(step)}}};
}

[[nodiscard]] inline OnnxBuilt negate(const OnnxCall& call) {
  AffineStep step = AffineStep::none(call.value().shape.channels);
  step.scale.setConstant(-1);
  step.is_uniform = true;
  const Shape& shape = call.value().shape;
  return {call.value(), {{{}, shape, shape, std::move(step)}}};
}

/// (x - mean) / sqrt(variance + epsilon) * scale + shift, of the running mean and variance.
[[nodiscard]] inline OnnxBuilt batch_normalize(const OnnxCall& call) {
  call.expect_one_output();
  if (call.node.integer("training_mode", 0) != 0) throw Error("it is in training mode");
  const OnnxValue& x = call.value();
  if (x.extents.empty()) throw Error("its samples have no channels");
  const Index channels = x.extents[0], pixels = x.size() / std::max<Index>(channels, 1);
  std::vector<Vector<double>> given;
  for (std::size_t i = 1; i <= 4; ++i) {
    const OnnxTensor& one = call.constant(i, "scale, shift, mean or variance");
    if (static_cast<Index>(one.values.size()) != channels)
      throw Error(message("its input ", i, " has ", one.values.size(), " numbers, expected ",
                          channels, ", one a channel"));
    given.push_back(each_channel(
        x, [&](Index at) { return one.values[static_cast<std::size_t>(at / pixels)]; }));
  }
  const double epsilon = call.node.real("epsilon", double{1e-5F});
  AffineStep step;
  step.before = given[2];
  step.scale = given[0].array() / (given[3].array() + epsilon).sqrt();
  step.after = given[1];
  return {x, {{{}, x.shape, x.shape, std::move(step)}}};
}

[[nodiscard]] inline OnnxBuilt pad(const OnnxCall& call) {
  OnnxBuilt built = as_image(call.value());
  if (call.node.word("mode", "constant") != "constant" || call.number(2, 0) != 0 ||
      call.node.real("value", 0) != 0)
    throw Error("it pads with something else than zeros");
  if (call.optional(3)) throw Error("it pads axes by name");
  const std::vector<Index> pads = OnnxConstants::list(call.node, "pads", call.optional(1));
  if (pads.size() != 8) throw Error(message("it has ", pads.size(), " pads, expected 8"));
  for (const Index amount : pads)
    if (amount < 0 || amount > OnnxCall::most_extent) throw Error(message("it pads by ", amount));
  if (pads[0] != 0 || pads[1] != 0 || pads[4] != 0 || pads[5] != 0)
    throw Error("it pads the batch or the channels");
  const Shape in = built.value.shape;
  const Shape out{in.height + pads[2] + pads[6], in.width + pads[3] + pads[7], in.channels};
  const OnnxValue ordered = image(call, out);
  built.value = in_channels_of(built.value, ordered);
  built.steps.push_back({{}, in, out, PaddingStep{Padding(pads[2], pads[6], pads[3], pads[7])}});
  return built;
}

}  // namespace gloro::detail::from_onnx
