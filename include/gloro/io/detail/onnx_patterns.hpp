// Groups of nodes that are one layer here: MinMax, which ONNX says by Split, Min, Max and Concat, the step
// down a convex potential, x - h W^T relu(W x + b), the exponential of a convolution to the fourth order, and
// softplus(b x) / b. Each becomes one node of an operator that ONNX has not.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gloro/io/detail/onnx_node.hpp"

namespace gloro::detail {

class OnnxPatterns {
 public:
  static constexpr const char* minmax = "Split, Min, Max, Concat";
  static constexpr const char* maxmin = "Split, Max, Min, Concat";
  static constexpr const char* potential = "Conv, Relu, ConvTranspose, Mul, Sub";

  static constexpr const char* exponential = "Conv, Div, Add, four times";
  static constexpr const char* softplus = "Mul, Softplus, Div";

  /// `nodes` with the last node of each group in place of the group. What it leaves out of the group
  /// stays, for those who read it too.
  [[nodiscard]] static std::vector<OnnxNode> found_in(std::vector<OnnxNode> nodes) {
    const OnnxPatterns patterns(nodes);
    std::vector<OnnxNode> all;
    for (const OnnxNode& node : nodes) {
      std::optional<OnnxNode> whole = patterns.sorted_pairs(node);
      if (!whole) whole = patterns.descent(node);
      if (!whole) whole = patterns.exponential_of(node);
      if (!whole) whole = patterns.steep_softplus(node);
      all.push_back(whole ? *whole : node);
    }
    return all;
  }

 private:
  explicit OnnxPatterns(const std::vector<OnnxNode>& nodes) {
    for (const OnnxNode& node : nodes)
      for (const std::string& output : node.outputs) makers_.emplace(output, &node);
  }

  /// The node that computes input i of `node`, if it is of that operator.
  [[nodiscard]] const OnnxNode* maker(const OnnxNode* node, std::size_t i, const char* op) const {
    if (!node || !node->has_input(i)) return nullptr;
    const auto found = makers_.find(node->inputs[i]);
    return found != makers_.end() && found->second->op == op ? found->second : nullptr;
  }

  [[nodiscard]] std::optional<OnnxNode> sorted_pairs(const OnnxNode& node) const {
    if (node.op != "Concat" || node.inputs.size() != 2) return {};
    const bool smaller_first = maker(&node, 0, "Min") != nullptr;
    const OnnxNode* first = maker(&node, 0, smaller_first ? "Min" : "Max");
    const OnnxNode* second = maker(&node, 1, smaller_first ? "Max" : "Min");
    const OnnxNode* split = maker(first, 0, "Split");
    if (!second || !split || first->inputs.size() != 2) return {};
    auto one = first->inputs, other = second->inputs, halves = split->outputs;
    for (auto* each : {&one, &other, &halves}) std::sort(each->begin(), each->end());
    if (one != halves || other != halves) return {};
    OnnxNode whole{smaller_first ? minmax : maxmin, node.name, split->inputs, node.outputs,
                   node.attributes};
    for (const auto& [name, attribute] : split->attributes)
      whole.attributes.emplace("split " + name, attribute);
    return whole;
  }

  [[nodiscard]] std::optional<OnnxNode> descent(const OnnxNode& node) const {
    if (node.op != "Sub") return {};
    const OnnxNode* scaled = maker(&node, 1, "Mul");
    if (!scaled || scaled->inputs.size() != 2) return {};
    const std::size_t product = maker(scaled, 0, "ConvTranspose") ? 0 : 1;
    const OnnxNode* down = maker(scaled, product, "ConvTranspose");
    const OnnxNode* up = maker(maker(down, 0, "Relu"), 0, "Conv");
    if (!up || up->inputs.size() < 2 || up->inputs[0] != node.inputs[0] ||
        down->inputs.size() != 2 || down->inputs[1] != up->inputs[1] ||
        !same(up->attributes, down->attributes))
      return {};
    const std::string bias = up->has_input(2) ? up->inputs[2] : "";
    return OnnxNode{potential,
                    node.name,
                    {node.inputs[0], up->inputs[1], bias, scaled->inputs[1 - product]},
                    node.outputs,
                    up->attributes};
  }

  /// x + A (x + A (x + A (x + A x / d) / c) / b).
  [[nodiscard]] std::optional<OnnxNode> exponential_of(const OnnxNode& node) const {
    OnnxNode whole{exponential, node.name, {}, node.outputs, {}};
    const OnnxNode *sum = &node, *outer = nullptr;
    for (int k = 1; k <= 4; ++k) {
      if (!sum || sum->op != "Add" || sum->inputs.size() != 2) return {};
      const OnnxNode* share = k > 1 ? maker(sum, 1, "Div") : nullptr;
      const OnnxNode* product = k > 1 ? maker(share, 0, "Conv") : maker(sum, 1, "Conv");
      if (!product || product->inputs.size() < 2 || product->has_input(2)) return {};
      if (!outer) {
        outer = product;
        whole.inputs = {node.inputs[0], product->inputs[1]};
        whole.attributes = product->attributes;
      }
      if (sum->inputs[0] != node.inputs[0] || product->inputs[1] != outer->inputs[1] ||
          !same(product->attributes, outer->attributes) || (share && share->inputs.size() != 2))
        return {};
      if (share) whole.inputs.push_back(share->inputs[1]);
      if (k == 4) return product->inputs[0] == node.inputs[0] ? std::optional(whole) : std::nullopt;
      sum = maker(product, 0, "Add");
    }
    return {};
  }

  /// softplus(b x) / b.
  [[nodiscard]] std::optional<OnnxNode> steep_softplus(const OnnxNode& node) const {
    if (node.op != "Div" || node.inputs.size() != 2) return {};
    const OnnxNode* scaled = maker(maker(&node, 0, "Softplus"), 0, "Mul");
    if (!scaled || scaled->inputs.size() != 2 || scaled->inputs[1] != node.inputs[1]) return {};
    return OnnxNode{softplus, node.name, {scaled->inputs[0], scaled->inputs[1]}, node.outputs};
  }

  using Attributes = std::map<std::string, const onnx::AttributeProto*>;
  [[nodiscard]] static bool same(const Attributes& a, const Attributes& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      return x.first == y.first && x.second->SerializeAsString() == y.second->SerializeAsString();
    });
  }

  std::map<std::string, const OnnxNode*> makers_;
};

}  // namespace gloro::detail
