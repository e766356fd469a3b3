// OnnxCall: a node with what it reads, constants apart from what depends on the network's input; and
// what the operators ask of both in the same words.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/io/detail/memory_account.hpp"
#include "gloro/io/detail/onnx_node.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/io/detail/onnx_tensor.hpp"
#include "gloro/io/detail/onnx_value.hpp"
#include "gloro/layers/window.hpp"

namespace gloro::detail {

/// One of the two, or neither where an input is left out.
struct OnnxOperand {
  const OnnxValue* value = nullptr;
  const OnnxTensor* constant = nullptr;
};

struct OnnxCall {
  const OnnxNode& node;
  MemoryAccount& memory;  ///< told of what is taken before it is
  Index batch;            ///< that the graph is declared for; below 1 where it is free
  std::vector<OnnxOperand> inputs = {};

  /// What the network's input flows through: the only input that is no constant.
  [[nodiscard]] const OnnxValue& value() const {
    for (const OnnxOperand& input : inputs)
      if (input.value) return *input.value;
    throw Error("all its inputs are constants");
  }
  /// Null where it is left out; throws where it is no constant.
  [[nodiscard]] const OnnxTensor* optional(std::size_t i) const {
    if (i >= inputs.size()) return nullptr;
    if (inputs[i].value)
      throw Error(message("its input ", i, " ('", node.inputs[i],
                          "') depends on the network's input, expected a constant"));
    return inputs[i].constant;
  }
  [[nodiscard]] const OnnxTensor& constant(std::size_t i, const char* what) const {
    const OnnxTensor* found = optional(i);
    if (!found) throw Error(message("it has no input ", i, ", its ", what));
    return *found;
  }
  /// The only number of a constant; `otherwise` where it is left out.
  [[nodiscard]] double number(std::size_t i, double otherwise) const {
    const OnnxTensor* found = optional(i);
    if (!found) return otherwise;
    if (found->values.size() != 1)
      throw Error(message("its input ", i, " has ", found->values.size(), " numbers, expected 1"));
    return found->values[0];
  }

  /// Throws Error unless its outputs but the first are left unnamed.
  void expect_one_output() const {
    for (std::size_t i = 1; i < node.outputs.size(); ++i)
      if (!node.outputs[i].empty())
        throw Error(message("its output ", i, " ('", node.outputs[i],
                            "') is asked for, which only ", "training needs"));
  }

  /// How `kernel` slides over `image`: strides, pads and auto_pad; with ceil_mode, the last window too
  /// that begins on the image or before it and ends beyond.
  [[nodiscard]] Window window(Extent kernel, const Shape& image) const {
    const Extent stride = extent("strides", 1);
    const std::string how = node.word("auto_pad", "NOTSET");
    std::vector<Index> pads = node.integers("pads");
    if (pads.empty()) pads = {0, 0, 0, 0};
    if (pads.size() != 4) throw Error(message("it has ", pads.size(), " pads, expected 4"));
    for (const Index pad : pads)
      if (pad < 0 || pad > most_extent) throw Error(message("it pads by ", pad));
    Padding amounts(pads[0], pads[2], pads[1], pads[3]);
    if (how == "SAME_UPPER" || how == "SAME_LOWER") {
      const bool is_upper = how == "SAME_UPPER";
      share_out(image.height, kernel.height, stride.height, is_upper, amounts.top, amounts.bottom);
      share_out(image.width, kernel.width, stride.width, is_upper, amounts.left, amounts.right);
    } else if (how == "VALID") {
      amounts = Padding(0, 0, 0, 0);
    } else if (how != "NOTSET") {
      throw Error(message("its auto_pad is '", how, "'"));
    }
    if (node.integer("ceil_mode", 0) != 0) {
      if (how == "VALID")  // no window beyond the image, say the operators, and onnxruntime has one
        throw Error("its ceil_mode contradicts its auto_pad VALID");
      reach_up(image.height, kernel.height, stride.height, amounts.top, amounts.bottom);
      reach_up(image.width, kernel.width, stride.width, amounts.left, amounts.right);
    }
    return {kernel, stride, amounts};
  }

  /// Two numbers of an attribute; `otherwise` where it is absent. Throws Error unless they are from 1 on.
  [[nodiscard]] Extent extent(const std::string& attribute, Extent otherwise) const {
    const std::vector<Index> given = node.integers(attribute);
    if (given.empty()) return otherwise;
    if (given.size() != 2)
      throw Error(message("its ", attribute, " has ", given.size(),
                          " numbers, expected 2, for rows and columns"));
    for (const Index each : given)
      if (each < 1 || each > most_extent)
        throw Error(message("its ", attribute, " has ", each, ", expected at least 1"));
    return {given[0], given[1]};
  }

  static constexpr Index most_extent = Index{1} << 24;

 private:
  /// ceil(size / stride) outputs; the odd zero after the image, or before it.
  static void share_out(Index size, Index kernel, Index stride, bool is_upper, Index& before,
                        Index& after) {
    const Index outputs = (size + stride - 1) / stride;
    const Index zeros = std::max<Index>(0, (outputs - 1) * stride + kernel - size);
    before = is_upper ? zeros / 2 : zeros - zeros / 2;
    after = zeros - before;
  }
  static void reach_up(Index size, Index kernel, Index stride, Index before, Index& after) {
    const Index padded = size + before + after;
    if (padded < kernel) return;
    Index outputs = (padded - kernel + stride - 1) / stride + 1;
    if ((outputs - 1) * stride >= size + before) --outputs;
    after = std::max(after, (outputs - 1) * stride + kernel - size - before);
  }
};

/// What a node is here: the steps that it takes, and how what it writes lies.
struct OnnxBuilt {
  OnnxValue value;
  OnnxSteps steps = {};
};

}  // namespace gloro::detail
