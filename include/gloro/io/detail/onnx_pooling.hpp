// Pooling in ONNX: over windows, or over the whole image.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/io/detail/onnx_call.hpp"
#include "gloro/io/detail/onnx_constants.hpp"
#include "gloro/io/detail/onnx_layout.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/layers/window.hpp"

namespace gloro::detail::from_onnx {

[[nodiscard]] inline Window whole(const Shape& in) {
  return {{in.height, in.width}, 1, Padding(0, 0, 0, 0)};
}

[[nodiscard]] inline Window pooling_window(const OnnxCall& call, const Shape& in) {
  if (!call.node.has("kernel_shape")) throw Error("it has no kernel_shape");
  if (call.extent("dilations", 1) != Extent(1)) throw Error("its windows are dilated");
  return call.window(call.extent("kernel_shape", 1), in);
}

[[nodiscard]] inline OnnxBuilt pooled(const OnnxCall& call, OnnxBuilt built, const char* type,
                                      const Window& window) {
  const Shape in = built.value.shape, out = window.on(in, in.channels).output;
  built.value = in_channels_of(built.value, image(call, out));
  built.steps.push_back({{},
                         in,
                         out,
                         NamedStep{{type,
                                    {{"pool", window.kernel.described()},
                                     {"stride", window.stride.described()},
                                     {"padding", window.padding.described()}}}}});
  return built;
}

[[nodiscard]] inline OnnxBuilt take_largest(const OnnxCall& call) {
  OnnxBuilt built = as_image(call.value());
  const Window window = pooling_window(call, built.value.shape);
  return pooled(call, std::move(built), "max_pooling2d", window);
}

[[nodiscard]] inline OnnxBuilt average(const OnnxCall& call) {
  OnnxBuilt built = as_image(call.value());
  const Shape in = built.value.shape;
  const Window window = pooling_window(call, in);
  if (call.node.integer("count_include_pad", 0) == 0 || window.padding == Padding(0, 0, 0, 0))
    return pooled(call, std::move(built), "average_pooling2d", window);
  if (call.node.integer("ceil_mode", 0) != 0)
    throw Error("it counts zeros around the image in windows that reach beyond them");
  // The zeros count: a convolution, each channel by itself.
  const Index taps = checked_product(window.kernel.height, window.kernel.width);
  call.memory.take("the weights of an average with its zeros",
                   static_cast<double>(taps) * static_cast<double>(in.channels) *
                       static_cast<double>(in.channels));
  LinearStep step{window, Matrix<double>::Zero(in.channels, taps * in.channels), {}};
  for (Index tap = 0; tap < taps; ++tap)
    for (Index c = 0; c < in.channels; ++c)
      step.weight(c, tap * in.channels + c) = 1 / static_cast<double>(taps);
  const Shape out = window.on(in, in.channels).output;
  built.value = in_channels_of(built.value, image(call, out));
  built.steps.push_back({{}, in, out, std::move(step)});
  return built;
}

/// The Euclidean norm of each window.
[[nodiscard]] inline OnnxBuilt take_norms(const OnnxCall& call) {
  if (const Index p = call.node.integer("p", 2); p != 2)
    throw Error(message("it takes norms of order ", p, ", expected 2"));
  OnnxBuilt built = as_image(call.value());
  const Window window =
      call.node.op == "LpPool" ? pooling_window(call, built.value.shape) : whole(built.value.shape);
  return pooled(call, std::move(built), "l2_pooling2d", window);
}

[[nodiscard]] inline OnnxBuilt average_all(const OnnxCall& call) {
  OnnxBuilt built = as_image(call.value());
  const Window window = whole(built.value.shape);
  return pooled(call, std::move(built), "average_pooling2d", window);
}

[[nodiscard]] inline OnnxBuilt take_largest_of_all(const OnnxCall& call) {
  OnnxBuilt built = as_image(call.value());
  const Window window = whole(built.value.shape);
  return pooled(call, std::move(built), "max_pooling2d", window);
}

/// The mean over rows and columns.
[[nodiscard]] inline OnnxBuilt reduce_mean(const OnnxCall& call) {
  std::vector<Index> axes = OnnxConstants::list(call.node, "axes", call.optional(1));
  for (Index& axis : axes)
    axis = static_cast<Index>(axis_of(axis, call.value().extents.size() + 1));
  std::sort(axes.begin(), axes.end());
  if (!call.value().is_image() || axes != std::vector<Index>{2, 3})
    throw Error("it takes the mean over other axes than an image's rows and columns");
  OnnxBuilt built = average_all(call);
  if (call.node.integer("keepdims", 1) == 0) built.value.extents.resize(1);
  return built;
}

}  // namespace gloro::detail::from_onnx
