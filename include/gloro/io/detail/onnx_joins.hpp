// Where several values that depend on the input meet: how what they become lies.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/onnx_call.hpp"
#include "gloro/io/detail/onnx_node.hpp"
#include "gloro/io/detail/onnx_value.hpp"

namespace gloro::detail::from_onnx {

inline void expect_no_end(const OnnxCall& call) {
  for (const OnnxOperand& input : call.inputs) {
    if (!input.value) throw Error("it joins what depends on the input with a constant");
    if (!input.value->ends.empty()) throw Error(message("it follows ", input.value->ends));
  }
}

/// Of an Add or a Sub: all of its inputs lie alike.
[[nodiscard]] inline OnnxValue sum(const OnnxCall& call) {
  expect_no_end(call);
  const OnnxValue& first = *call.inputs.at(0).value;
  for (const OnnxOperand& input : call.inputs) {
    if (input.value->shape != first.shape || input.value->extents != first.extents)
      throw Error(message("it adds values of ", first.shape, " and ", input.value->shape));
    if (!input.value->is_laid_as(first))
      throw Error("it adds values whose channels are in different orders");
  }
  return first;
}

/// Of a Concat along the channels: those of the first input, then those of the second and so on.
[[nodiscard]] inline OnnxValue side_by_side(const OnnxCall& call) {
  expect_no_end(call);
  OnnxValue all = *call.inputs.at(0).value;
  if (axis_of(call.node.integer("axis", 0), all.extents.size() + 1) != 1)
    throw Error("it joins values along another axis than that of the channels");
  all.shape.channels = 0;
  all.extents[0] = 0;
  for (const OnnxOperand& input : call.inputs) {
    const OnnxValue& each = *input.value;
    if (each.extents.size() != all.extents.size() || each.shape.height != all.shape.height ||
        each.shape.width != all.shape.width ||
        !std::equal(each.extents.begin() + 1, each.extents.end(), all.extents.begin() + 1))
      throw Error(message("it joins images of ", all.shape.height, "x", all.shape.width,
                          " pixels with those of ", each.shape));
    all.shape.channels = checked_sum(all.shape.channels, each.shape.channels);
    all.extents[0] = checked_sum(all.extents[0], each.extents[0]);
  }
  call.memory.take("a value", static_cast<double>(all.shape.size()));
  auto order = std::make_shared<OnnxValue::Order>();
  Index before = 0;
  for (const OnnxOperand& input : call.inputs) {
    const Index channels = input.value->shape.channels;
    for (const Index place : *input.value->order)
      order->push_back(place / channels * all.shape.channels + before + place % channels);
    before += channels;
  }
  all.order = std::move(order);
  return all;
}

}  // namespace gloro::detail::from_onnx
