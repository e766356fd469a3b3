// Operators of ONNX that compute nothing: they give values other extents, read them in another order, or hand
// them on.
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/onnx_call.hpp"
#include "gloro/io/detail/onnx_constants.hpp"
#include "gloro/io/detail/onnx_extents.hpp"
#include "gloro/io/detail/onnx_layout.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/io/detail/onnx_tensor.hpp"
#include "gloro/io/detail/onnx_value.hpp"

namespace gloro::detail::from_onnx {

[[nodiscard]] inline OnnxBuilt pass_on(const OnnxCall& call) { return {call.value()}; }

[[nodiscard]] inline OnnxBuilt drop_out(const OnnxCall& call) {
  if (call.number(2, 0) != 0) throw Error("it is in training mode");
  return {call.value()};
}

/// Increasing in each logit, so that the order of classes stays.
[[nodiscard]] inline OnnxBuilt end(const OnnxCall& call) {
  OnnxBuilt built{call.value()};
  const std::size_t rank = built.value.extents.size() + 1;
  if (rank != 2 || axis_of(call.node.integer("axis", -1), rank) != 1)
    throw Error("it is not over the classes of a sample");
  built.value.ends = call.node.text();
  return built;
}

[[nodiscard]] inline OnnxBuilt flatten(const OnnxCall& call) {
  OnnxBuilt built{call.value()};
  const Index axis = call.node.integer("axis", 1);
  if (axis_of(axis, built.value.extents.size() + 1) != 1)
    throw Error(message("it flattens from axis ", axis, " on, expected 1"));
  built.value.extents = {built.value.size()};
  return built;
}

[[nodiscard]] inline OnnxBuilt reshape(const OnnxCall& call) {
  OnnxBuilt built{call.value()};
  OnnxTensor target = call.constant(1, "shape");
  if (call.node.integer("allowzero", 0) != 0) throw Error("it allows zeros");
  if (target.values.empty() || target.values.size() > most_axes)
    throw Error(message("its shape has ", target.values.size(), " extents"));
  const double first = target.values[0];
  const bool keeps_batch = std::isnan(first) || first == 0 || first == -1 ||
                           (call.batch > 0 && first == static_cast<double>(call.batch));
  if (!keeps_batch)
    throw Error(message("it reshapes to a batch of ", first, ", expected the batch as it came"));
  target.values.erase(target.values.begin());
  built.value.extents = reshaped(built.value.extents, OnnxConstants::list(call.node, "", &target));
  return moved(std::move(built.value));
}

/// An extent that no other has stands for the batch.
inline constexpr Index batch_mark = -7;

[[nodiscard]] inline std::vector<Index> with_batch(std::vector<Index> extents) {
  extents.insert(extents.begin(), batch_mark);
  return extents;
}

[[nodiscard]] inline std::vector<Index> without_batch(std::vector<Index> extents) {
  if (extents.empty() || extents[0] != batch_mark) throw Error("it moves the batch");
  extents.erase(extents.begin());
  return extents;
}

[[nodiscard]] inline OnnxBuilt squeeze(const OnnxCall& call) {
  OnnxBuilt built{call.value()};
  const auto axes = OnnxConstants::list(call.node, "axes", call.optional(1));
  if (axes.empty()) throw Error("it does not say which axes it leaves out");
  built.value.extents = without_batch(squeezed(with_batch(built.value.extents), axes));
  return moved(std::move(built.value));
}

[[nodiscard]] inline OnnxBuilt unsqueeze(const OnnxCall& call) {
  OnnxBuilt built{call.value()};
  const auto axes = OnnxConstants::list(call.node, "axes", call.optional(1));
  built.value.extents = without_batch(unsqueezed(with_batch(built.value.extents), axes));
  return moved(std::move(built.value));
}

[[nodiscard]] inline OnnxBuilt transpose(const OnnxCall& call) {
  const OnnxValue& x = call.value();
  const auto axes = permutation(call.node, x.extents.size() + 1);
  if (axes.empty() || axes[0] != 0) throw Error("it moves the batch");
  const std::vector<Index> strides = strides_of(x.extents);
  std::vector<Index> extents, steps;
  for (std::size_t i = 1; i < axes.size(); ++i) {
    extents.push_back(x.extents[axes[i] - 1]);
    steps.push_back(strides[axes[i] - 1]);
  }
  const std::vector<Index> read = places(extents, steps);
  return moved(x.reordered(std::move(extents), read));
}

}  // namespace gloro::detail::from_onnx
