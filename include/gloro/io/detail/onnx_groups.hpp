// Sorted groups of channels; and groups of nodes that are one layer (onnx_patterns.hpp): MinMax, the convex
// potential and the exponential of a convolution.
#pragma once

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
#include "gloro/io/detail/onnx_linear.hpp"
#include "gloro/io/detail/onnx_patterns.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/io/detail/onnx_value.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/layers/window.hpp"

namespace gloro::detail::from_onnx {

/// The halves of an axis, the smaller of each pair of values to the one and the larger to the other.
[[nodiscard]] inline OnnxBuilt sort_pairs(const OnnxCall& call) {
  const OnnxValue& x = call.value();
  const std::size_t rank = x.extents.size() + 1;
  const std::size_t axis = axis_of(call.node.integer("axis", 0), rank);
  const std::vector<Index> parts = OnnxConstants::list(call.node, "split split", call.optional(1));
  if (axis == 0 || axis != axis_of(call.node.integer("split axis", 0), rank) ||
      x.extents[axis - 1] % 2 != 0 ||
      (!parts.empty() && (parts.size() != 2 || parts[0] != parts[1])))
    throw Error("it sorts other pairs than those of the halves of one axis");
  const Index half = x.extents[axis - 1] / 2;
  const Index apart = half * strides_of(x.extents)[axis - 1];
  bool are_adjacent = true, are_halves = true;
  for (Index i = 0; i < x.size(); ++i) {
    if (i / apart % 2 != 0) continue;
    const Index one = x.at(i), other = x.at(i + apart), c = one % x.shape.channels;
    are_adjacent = are_adjacent && c % 2 == 0 && other == one + 1;
    are_halves = are_halves && c < x.shape.channels / 2 && other == one + x.shape.channels / 2;
  }
  if (x.shape.channels % 2 != 0 || (!are_adjacent && !are_halves))
    throw Error("it sorts pairs of channels that are neither neighbours nor half of all apart");
  OnnxValue sorted = x;
  if (call.node.op == OnnxPatterns::maxmin) {
    std::vector<Index> swapped(x.order->size());
    for (Index i = 0; i < x.size(); ++i)
      swapped[static_cast<std::size_t>(i)] = i / apart % 2 == 0 ? i + apart : i - apart;
    sorted = x.reordered(x.extents, swapped);
  }
  return {
      sorted,
      {{{},
        x.shape,
        x.shape,
        NamedStep{{"minmax", {{"pairs", std::string(are_adjacent ? "adjacent" : "halves")}}}}}}};
}

/// TopK of a whole axis, its values in order: groups of neighbouring channels, sorted.
[[nodiscard]] inline OnnxBuilt sort_groups(const OnnxCall& call) {
  const OnnxValue& x = call.value();
  const std::size_t axis = axis_of(call.node.integer("axis", -1), x.extents.size() + 1);
  if (axis == 0) throw Error("it sorts the batch");
  const Index group = x.extents[axis - 1], apart = strides_of(x.extents)[axis - 1];
  if (call.node.integer("sorted", 1) != 1 || call.number(1, -1) != static_cast<double>(group))
    throw Error(message("it does not sort all of the ", group, " values along its axis"));
  std::vector<Index> turned(x.order->size());
  for (Index i = 0; i < x.size(); ++i) {
    const Index j = i / apart % group;
    if (x.at(i) != x.at(i - j * apart) + j || (x.at(i) - j) % x.shape.channels % group != 0)
      throw Error("it sorts other values than groups of neighbouring channels");
    turned[static_cast<std::size_t>(i)] = i + (group - 1 - 2 * j) * apart;
  }
  const bool is_largest_first = call.node.integer("largest", 1) != 0;
  return {is_largest_first ? x.reordered(x.extents, turned) : x,
          {{{}, x.shape, x.shape, NamedStep{{"group_sort", {{"group", group}}}}}}};
}

/// The filters of a convolution of stride 1 with the zeros of `same`.
[[nodiscard]] inline Matrix<double> centred_filters(const OnnxCall& call, const OnnxValue& image,
                                                    std::optional<Window>& window) {
  Matrix<double> weight = filters(call, image.shape, image, window);
  const kernels::ConvolutionGeometry found = window->on(image.shape, weight.rows());
  const auto own = Window{window->kernel, 1, Padding::same}.on(image.shape, weight.rows());
  if (window->stride != Extent(1) || found.pad_top != own.pad_top ||
      found.pad_left != own.pad_left || found.output != own.output)
    throw Error("its convolution has other strides than 1 or other zeros than `same`");
  return weight;
}

/// x + A (x + A (x + A (x + A x / 4) / 3) / 2).
[[nodiscard]] inline OnnxBuilt exponentiate(const OnnxCall& call) {
  OnnxBuilt built = as_image(call.value());
  const OnnxValue& image = built.value;
  std::optional<Window> window;
  NamedStep step;
  const Matrix<double> weight = centred_filters(call, image, window);
  for (std::size_t k = 2; k <= 4; ++k)
    if (weight.rows() != image.shape.channels || call.number(k, 0) != static_cast<double>(k))
      throw Error("it multiplies and adds four times, but not to the exponential's fourth order");
  step.values.push_back(weight);  // its outputs in the order of its inputs
  for (Index f = 0; f < weight.rows(); ++f) step.values[0].row(image.channel(f)) = weight.row(f);
  step.layer = {"exponential_conv2d", {{"kernel", window->kernel.described()}}};
  built.steps.push_back({{}, image.shape, image.shape, std::move(step)});
  return built;
}

/// x - h W^T relu(W x + b).
[[nodiscard]] inline OnnxBuilt descend(const OnnxCall& call) {
  if (call.node.word("auto_pad", "NOTSET") != "NOTSET")
    throw Error("its auto_pad is not the same in both directions: give pads");
  OnnxBuilt built = as_image(call.value());
  const Shape in = built.value.shape;
  std::optional<Window> window;
  NamedStep step;
  step.values.push_back(centred_filters(call, built.value, window));
  const Index hidden = step.values[0].rows();
  step.layer = {
      "convex_potential",
      {{"hidden", hidden}, {"kernel", window->kernel.described()}, {"scale", call.number(3, 1)}}};
  if (const OnnxTensor* bias = call.optional(2)) {
    if (static_cast<Index>(bias->values.size()) != hidden) throw Error("its bias does not fit");
    step.values.push_back(column(bias->values));
  } else {
    step.layer.options.emplace_back("bias", false);
  }
  built.steps.push_back({{}, in, in, std::move(step)});
  return built;
}

}  // namespace gloro::detail::from_onnx
