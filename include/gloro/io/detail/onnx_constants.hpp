// Arithmetic of constants: what an ONNX graph computes without its input, the transposing of weights
// and the extents that a Reshape is to have, say. It is done once, in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/memory_account.hpp"
#include "gloro/io/detail/onnx_extents.hpp"
#include "gloro/io/detail/onnx_node.hpp"
#include "gloro/io/detail/onnx_tensor.hpp"

namespace gloro::detail {

class OnnxConstants {
 public:
  using Inputs = std::vector<const OnnxTensor*>;

  /// `memory` is told of each before it is taken.
  explicit OnnxConstants(MemoryAccount& memory) : memory_(memory) {}

  [[nodiscard]] static bool knows(const std::string& op) { return table().count(op) > 0; }

  /// What `node` computes of constants; null where an input is left out. Throws Error.
  [[nodiscard]] OnnxTensor operator()(const OnnxNode& node, const Inputs& inputs) {
    const auto found = table().find(node.op);
    if (found == table().end()) throw Error("it is not computed of constants");
    if (inputs.empty() || !inputs[0]) throw Error("it has no input");
    return (this->*found->second)(node, inputs);
  }

  /// Integers that a node has as an attribute or, in later opsets, as its input i.
  [[nodiscard]] static std::vector<Index> list(const OnnxNode& node, const std::string& attribute,
                                               const OnnxTensor* input) {
    if (!input) return node.integers(attribute);
    std::vector<Index> all;
    for (const double value : input->values) {
      if (!(std::abs(value) <= 0x1p63)) throw Error("it is given an extent that is not known");
      // The ends of int64 stand for "to the end"; a double does not hold them.
      all.push_back(static_cast<Index>(std::clamp(value, -0x1p53, 0x1p53)));
    }
    return all;
  }

 private:
  using Member = OnnxTensor (OnnxConstants::*)(const OnnxNode&, const Inputs&);

  static const std::map<std::string, Member>& table() {
    static const std::map<std::string, Member> all{
        {"Identity", &OnnxConstants::same},       {"Cast", &OnnxConstants::cast},
        {"Reshape", &OnnxConstants::reshape},     {"Transpose", &OnnxConstants::transpose},
        {"Unsqueeze", &OnnxConstants::unsqueeze}, {"Squeeze", &OnnxConstants::squeeze},
        {"Concat", &OnnxConstants::concatenate},  {"Gather", &OnnxConstants::gather},
        {"Slice", &OnnxConstants::slice},         {"Add", &OnnxConstants::arithmetic},
        {"Sub", &OnnxConstants::arithmetic},      {"Mul", &OnnxConstants::arithmetic},
        {"Div", &OnnxConstants::arithmetic},      {"ConstantOfShape", &OnnxConstants::fill},
    };
    return all;
  }

  [[nodiscard]] static const OnnxTensor* at(const Inputs& inputs, std::size_t i) {
    return i < inputs.size() ? inputs[i] : nullptr;
  }

  /// A tensor of these extents like `model`, its numbers read from there at `from`.
  [[nodiscard]] OnnxTensor picked(const OnnxTensor& model, std::vector<Index> extents,
                                  const std::vector<Index>& strides, Index first = 0) {
    OnnxTensor result{std::move(extents), {}, model.is_integer, model.is_double};
    memory_.take("a constant", static_cast<double>(OnnxTensor::size_of(result.extents)));
    for (const Index place : places(result.extents, strides))
      result.values.push_back(model.values[static_cast<std::size_t>(first + place)]);
    return result;
  }

  OnnxTensor same(const OnnxNode&, const Inputs& inputs) { return copy(*inputs[0]); }

  OnnxTensor copy(const OnnxTensor& tensor) {
    memory_.take("a constant", static_cast<double>(tensor.values.size()));
    return tensor;
  }

  OnnxTensor cast(const OnnxNode& node, const Inputs& inputs) {
    OnnxTensor result = copy(*inputs[0]);
    const Index to = node.integer("to", 0);
    result.is_integer = to == onnx::TensorProto::INT64 || to == onnx::TensorProto::INT32;
    result.is_double = to == onnx::TensorProto::DOUBLE;
    if (!result.is_integer && !result.is_double && to != onnx::TensorProto::FLOAT)
      throw Error(message("it casts to ONNX's type ", to,
                          ", expected float (1), int32 (6), "
                          "int64 (7) or double (11)"));
    for (double& value : result.values) {
      if (result.is_integer) value = std::trunc(value);
      if (to == onnx::TensorProto::FLOAT) value = double{static_cast<float>(value)};
    }
    return result;
  }

  OnnxTensor reshape(const OnnxNode& node, const Inputs& inputs) {
    OnnxTensor result = copy(*inputs[0]);
    if (!at(inputs, 1)) throw Error("it has no second input");
    result.extents = reshaped(inputs[0]->extents, list(node, "shape", inputs[1]));
    return result;
  }

  OnnxTensor transpose(const OnnxNode& node, const Inputs& inputs) {
    const OnnxTensor& x = *inputs[0];
    const std::vector<std::size_t> axes = permutation(node, x.extents.size());
    const std::vector<Index> strides = strides_of(x.extents);
    std::vector<Index> extents, steps;
    for (const std::size_t axis : axes) {
      extents.push_back(x.extents[axis]);
      steps.push_back(strides[axis]);
    }
    return picked(x, extents, steps);
  }

  OnnxTensor unsqueeze(const OnnxNode& node, const Inputs& inputs) {
    OnnxTensor result = copy(*inputs[0]);
    result.extents = unsqueezed(result.extents, list(node, "axes", at(inputs, 1)));
    return result;
  }

  OnnxTensor squeeze(const OnnxNode& node, const Inputs& inputs) {
    OnnxTensor result = copy(*inputs[0]);
    result.extents = squeezed(result.extents, list(node, "axes", at(inputs, 1)));
    return result;
  }

  OnnxTensor concatenate(const OnnxNode& node, const Inputs& inputs) {
    OnnxTensor result = *inputs[0];
    const std::size_t axis = axis_of(node.integer("axis", 0), result.extents.size());
    if (axis != 0) throw Error(message("it joins constants along axis ", axis, ", expected 0"));
    double size = 0;
    for (const OnnxTensor* each : inputs)
      size += each ? static_cast<double>(each->values.size()) : 0;
    memory_.take("a constant", size);
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      if (!inputs[i] || inputs[i]->extents.size() != result.extents.size() ||
          !std::equal(result.extents.begin() + 1, result.extents.end(),
                      inputs[i]->extents.begin() + 1))
        throw Error("it joins constants of other extents");
      result.extents[0] += inputs[i]->extents[0];
      result.values.insert(result.values.end(), inputs[i]->values.begin(), inputs[i]->values.end());
    }
    return result;
  }

  /// Whole rows, one by its number or several by a list.
  OnnxTensor gather(const OnnxNode& node, const Inputs& inputs) {
    const OnnxTensor& x = *inputs[0];
    const std::size_t axis = axis_of(node.integer("axis", 0), x.extents.size());
    if (axis != 0 || !at(inputs, 1) || inputs[1]->extents.size() > 1)
      throw Error("it gathers otherwise than by a list of rows");
    const Index rows = x.extents[0];
    const auto row = static_cast<std::ptrdiff_t>(rows > 0 ? x.values.size() : 0) /
                     std::max<std::ptrdiff_t>(rows, 1);
    std::vector<Index> extents = inputs[1]->extents;
    extents.insert(extents.end(), x.extents.begin() + 1, x.extents.end());
    OnnxTensor result{extents, {}, x.is_integer, x.is_double};
    memory_.take("a constant", static_cast<double>(OnnxTensor::size_of(extents)));
    for (const Index which : list(node, "", inputs[1])) {
      if (which < -rows || which >= rows)
        throw Error(message("it gathers row ", which, " of ", rows));
      const auto first = x.values.begin() + (which < 0 ? which + rows : which) * row;
      result.values.insert(result.values.end(), first, first + row);
    }
    return result;
  }

  /// Every step-th from start to end along some of the axes, backwards too.
  OnnxTensor slice(const OnnxNode& node, const Inputs& inputs) {
    const OnnxTensor& x = *inputs[0];
    const auto starts = list(node, "starts", at(inputs, 1)),
               ends = list(node, "ends", at(inputs, 2)), axes = list(node, "axes", at(inputs, 3)),
               steps = list(node, "", at(inputs, 4));
    if (ends.size() != starts.size() || starts.size() > x.extents.size() ||
        (!axes.empty() && axes.size() != starts.size()) ||
        (!steps.empty() && steps.size() != starts.size()))
      throw Error("its starts, ends, axes and steps do not go together");
    std::vector<Index> extents = x.extents, strides = strides_of(x.extents);
    Index first = 0;
    std::vector<bool> is_cut(extents.size(), false);
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const std::size_t axis = axes.empty() ? i : axis_of(axes[i], extents.size());
      const Index size = x.extents[axis], step = steps.empty() ? 1 : steps[i];
      if (step == 0 || is_cut[axis]) throw Error("it has a step of 0, or names an axis twice");
      is_cut[axis] = true;
      const Index low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
      const auto inside = [&](Index j, Index least) {
        return std::clamp(j < 0 ? j + size : j, std::min(least, high), high);
      };
      const Index start = inside(starts[i], 0), end = inside(ends[i], low);
      const Index way = step > 0 ? end - start : start - end, length = std::abs(step);
      extents[axis] = way > 0 ? (way - 1) / length + 1 : 0;
      first += extents[axis] > 0 ? start * strides[axis] : 0;
      strides[axis] *= step;
    }
    return picked(x, extents, strides, first);
  }

  /// One number everywhere; the extents are the input.
  OnnxTensor fill(const OnnxNode& node, const Inputs& inputs) {
    OnnxTensor one{{1}, {0}};
    if (const auto* value = node.find("value", onnx::AttributeProto::TENSOR, "a tensor"))
      one = OnnxTensorReader("")(value->t());
    const std::vector<Index> extents = list(node, "", inputs[0]);
    if (one.values.size() != 1 || extents.size() > most_axes)
      throw Error("it has more than one number, or more axes than any network");
    return picked(one, extents, std::vector<Index>(extents.size(), 0));
  }

  OnnxTensor arithmetic(const OnnxNode& node, const Inputs& inputs) {
    if (!at(inputs, 1)) throw Error("it has no second input");
    const OnnxTensor &a = *inputs[0], &b = *inputs[1];
    std::vector<Index> extents(std::max(a.extents.size(), b.extents.size()), 1);
    for (const OnnxTensor* each : {&a, &b})
      for (std::size_t i = 1; i <= each->extents.size(); ++i)
        if (const Index extent = each->extents[each->extents.size() - i]; extent != 1)
          extents[extents.size() - i] = extent;
    memory_.take("a constant", 3 * static_cast<double>(OnnxTensor::size_of(extents)));
    const auto left = places(extents, broadcast_strides(a.extents, extents));
    const auto right = places(extents, broadcast_strides(b.extents, extents));
    OnnxTensor result{extents, {}, a.is_integer, a.is_double};
    for (std::size_t i = 0; i < left.size(); ++i) {
      const double x = a.values[static_cast<std::size_t>(left[i])];
      const double y = b.values[static_cast<std::size_t>(right[i])];
      const double value = node.op == "Add"   ? x + y
                           : node.op == "Sub" ? x - y
                           : node.op == "Mul" ? x * y
                                              : x / y;
      result.values.push_back(a.is_integer ? std::trunc(value) : value);
    }
    return result;
  }

  MemoryAccount& memory_;
};

}  // namespace gloro::detail
