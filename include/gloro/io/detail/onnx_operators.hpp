// The table of ONNX's operators that are taken, each by a builder of its own: from a node and what it reads
// to steps of the network, and to how what it writes lies.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/io/detail/onnx_call.hpp"
#include "gloro/io/detail/onnx_groups.hpp"
#include "gloro/io/detail/onnx_joins.hpp"
#include "gloro/io/detail/onnx_linear.hpp"
#include "gloro/io/detail/onnx_moves.hpp"
#include "gloro/io/detail/onnx_node.hpp"
#include "gloro/io/detail/onnx_patterns.hpp"
#include "gloro/io/detail/onnx_pointwise.hpp"
#include "gloro/io/detail/onnx_pooling.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/io/detail/onnx_value.hpp"

namespace gloro::detail {

class OnnxOperators {
 public:
  /// Why a node cannot be taken, whatever it reads; empty if it can.
  [[nodiscard]] static std::string defect_of(const OnnxNode& node) {
    const auto found = table().find(node.op);
    if (found == table().end()) return "an operator that is not known here";
    for (const auto& [name, attribute] : node.attributes) {
      const auto& known = found->second.attributes;
      if (std::find(known.begin(), known.end(), name) == known.end())
        return "its attribute '" + name + "' is not known here";
    }
    return "";
  }

  /// The operators that are taken, those of ONNX's own names.
  [[nodiscard]] static std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& [name, each] : table())
      if (name.find(',') == std::string::npos) all.push_back(name);
    return all;
  }

  /// Throws Error, which says what is wrong but not with which node.
  [[nodiscard]] static OnnxBuilt build(const OnnxCall& call) {
    if (!call.value().ends.empty())
      throw Error(message("it follows ", call.value().ends,
                          ", which is taken only as the last of a network"));
    OnnxBuilt built = table().at(call.node.op).build(call);
    for (OnnxStep& step : built.steps) step.node = call.node.text();
    return built;
  }

 private:
  struct Operator {
    OnnxBuilt (*build)(const OnnxCall&);
    std::vector<std::string> attributes = {};
  };

  static const std::map<std::string, Operator>& table() {
    static const std::vector<std::string> pooling{
        "auto_pad",     "ceil_mode", "count_include_pad", "dilations",
        "kernel_shape", "pads",      "storage_order",     "strides"};
    static const std::vector<std::string> convolution{"auto_pad",     "dilations", "group",
                                                      "kernel_shape", "pads",      "strides"};
    static const std::map<std::string, Operator> all{
        {"Conv", {&from_onnx::convolve, convolution}},
        {"ConvTranspose",
         {&from_onnx::convolve_back,
          {"auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape",
           "pads", "strides"}}},
        {"Gemm", {&from_onnx::multiply, {"alpha", "beta", "transA", "transB"}}},
        {"MatMul", {&from_onnx::multiply}},
        {"Add", {&from_onnx::shift_or_scale}},
        {"Sub", {&from_onnx::shift_or_scale}},
        {"Mul", {&from_onnx::shift_or_scale}},
        {"Div", {&from_onnx::shift_or_scale}},
        {"Concat", {&from_onnx::pass_on, {"axis"}}},
        {"Neg", {&from_onnx::negate}},
        {"BatchNormalization",
         {&from_onnx::batch_normalize, {"epsilon", "momentum", "training_mode"}}},
        {"Relu", {&from_onnx::rectify}},
        {"LeakyRelu", {&from_onnx::rectify_leakily, {"alpha"}}},
        {"PRelu", {&from_onnx::rectify_leakily}},
        {"Abs", {&from_onnx::take_magnitude}},
        {"Tanh", {&from_onnx::take_tanh}},
        {"Sigmoid", {&from_onnx::take_sigmoid}},
        {"Elu", {&from_onnx::take_elu, {"alpha"}}},
        {"Softplus", {&from_onnx::take_softplus}},
        {"Clip", {&from_onnx::clip, {"min", "max"}}},
        {"MaxPool", {&from_onnx::take_largest, pooling}},
        {"AveragePool", {&from_onnx::average, pooling}},
        {"LpPool",
         {&from_onnx::take_norms,
          {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "p", "pads", "strides"}}},
        {"GlobalLpPool", {&from_onnx::take_norms, {"p"}}},
        {"TopK", {&from_onnx::sort_groups, {"axis", "largest", "sorted"}}},
        {"GlobalAveragePool", {&from_onnx::average_all}},
        {"GlobalMaxPool", {&from_onnx::take_largest_of_all}},
        {"ReduceMean", {&from_onnx::reduce_mean, {"axes", "keepdims", "noop_with_empty_axes"}}},
        {"Flatten", {&from_onnx::flatten, {"axis"}}},
        {"Reshape", {&from_onnx::reshape, {"allowzero", "shape"}}},
        {"Squeeze", {&from_onnx::squeeze, {"axes"}}},
        {"Unsqueeze", {&from_onnx::unsqueeze, {"axes"}}},
        {"Transpose", {&from_onnx::transpose, {"perm"}}},
        {"Identity", {&from_onnx::pass_on}},
        {"Dropout", {&from_onnx::drop_out, {"ratio", "seed"}}},
        {"Pad", {&from_onnx::pad, {"mode", "pads", "value"}}},
        {"Softmax", {&from_onnx::end, {"axis"}}},
        {"LogSoftmax", {&from_onnx::end, {"axis"}}},
        {OnnxPatterns::minmax,
         {&from_onnx::sort_pairs, {"axis", "split axis", "split split", "split num_outputs"}}},
        {OnnxPatterns::maxmin,
         {&from_onnx::sort_pairs, {"axis", "split axis", "split split", "split num_outputs"}}},
        {OnnxPatterns::potential, {&from_onnx::descend, convolution}},
        {OnnxPatterns::exponential, {&from_onnx::exponentiate, convolution}},
        {OnnxPatterns::softplus, {&from_onnx::take_softplus}},
    };
    return all;
  }
};

}  // namespace gloro::detail
