// OnnxTranslation: from the nodes of an ONNX file to the steps of a network, node by node in the file's
// order, and then along the ways from the input to the logits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/memory_account.hpp"
#include "gloro/io/detail/onnx_call.hpp"
#include "gloro/io/detail/onnx_constants.hpp"
#include "gloro/io/detail/onnx_extents.hpp"
#include "gloro/io/detail/onnx_file.hpp"
#include "gloro/io/detail/onnx_node.hpp"
#include "gloro/io/detail/onnx_operators.hpp"
#include "gloro/io/detail/onnx_paths.hpp"
#include "gloro/io/detail/onnx_selection.hpp"
#include "gloro/io/detail/onnx_steps.hpp"
#include "gloro/io/detail/onnx_value.hpp"
#include "gloro/layers/detail/in_order.hpp"

namespace gloro::detail {

class OnnxTranslation {
 public:
  /// Throws Error: one for all nodes that are not known, or one that names the node.
  OnnxTranslation(const OnnxFile& file, const std::string& output,
                  const std::optional<Shape>& image, MemoryAccount& memory)
      : file_(file), memory_(memory), constants_(memory), chosen_(file, output) {
    read_input(image);
    for (const OnnxNode& node : chosen_.nodes) in_part([&] { translate(node); }, node.text());
    follow();
  }

  [[nodiscard]] const Shape& input() const { return values_.at(chosen_.input).shape; }
  /// As it lies behind the last step.
  [[nodiscard]] const OnnxValue& output() const { return values_.at(chosen_.output); }
  /// From the input to the output; once.
  [[nodiscard]] OnnxSteps steps() { return std::move(steps_); }
  [[nodiscard]] bool is_double() const { return is_double_; }
  [[nodiscard]] std::vector<std::string>& remarks() { return remarks_; }

 private:
  /// What the file says of the input's extents: none where it is free.
  [[nodiscard]] std::vector<Index> declared_extents() {
    const std::string name = "its input '" + chosen_.input + "'";
    if (!chosen_.declared->type().has_tensor_type()) throw Error(name + " is no tensor");
    const auto& type = chosen_.declared->type().tensor_type();
    is_double_ = type.elem_type() == onnx::TensorProto::DOUBLE;
    if (!is_double_ && type.elem_type() != onnx::TensorProto::FLOAT)
      throw Error(message(name, " is of ONNX's type ", type.elem_type(),
                          ", expected float (1) or double (11)"));
    if (!type.has_shape()) throw Error(name + " has no shape");
    if (type.shape().dim_size() < 1 ||
        static_cast<std::size_t>(type.shape().dim_size()) > most_axes)
      throw Error(message(name, " has ", type.shape().dim_size(), " axes"));
    std::vector<Index> extents;
    for (const auto& dimension : type.shape().dim())
      extents.push_back(dimension.has_dim_value() && dimension.dim_value() > 0
                            ? static_cast<Index>(dimension.dim_value())
                            : free);
    return extents;
  }

  /// The input's shape: channels first, unless all that is done with it is to bring channels first.
  void read_input(const std::optional<Shape>& image) {
    std::vector<Index> extents = declared_extents();
    batch_ = extents[0];
    extents.erase(extents.begin());
    const bool is_flat = extents.size() == 1;
    const bool is_free = std::find(extents.begin(), extents.end(), free) != extents.end();
    std::optional<Shape> shape = image;
    if (!shape && is_flat && !is_free) shape = as_reshaped(extents[0]);
    if (shape && (is_flat || is_free)) {
      const std::vector<Index> given =
          is_flat ? std::vector<Index>{shape->size()}
          : extents.size() == 3 && channels_are_last()
              ? std::vector<Index>{shape->height, shape->width, shape->channels}
              : std::vector<Index>{shape->channels, shape->height, shape->width};
      for (std::size_t i = 0; i < std::max(extents.size(), given.size()); ++i)
        if (extents.size() != given.size() || (extents[i] != free && extents[i] != given[i]))
          throw Error(message("its input '", chosen_.input, "' does not take images of ", *shape));
      extents = given;
    } else if (is_free) {
      throw Error(message("its input '", chosen_.input,
                          "' leaves an extent free: say what images are (OnnxOptions::input)"));
    }
    memory_.take("the input", 2 * static_cast<double>(OnnxTensor::size_of(extents)));
    OnnxValue value;
    if (is_flat && shape)
      value = OnnxValue::of(*shape, extents);
    else if (extents.size() == 3 && !channels_are_last())
      value = OnnxValue::image({extents[1], extents[2], extents[0]});
    else if (extents.size() == 3)
      value = {extents,
               {extents[0], extents[1], extents[2]},
               std::make_shared<const OnnxValue::Order>(places(extents, strides_of(extents)))};
    else if (extents.size() == 2)
      value = OnnxValue::of({extents[0], extents[1], 1}, extents);
    else
      value = OnnxValue::of(Shape::flat(OnnxTensor::size_of(extents)), extents);
    values_.emplace(chosen_.input, std::move(value));
  }

  [[nodiscard]] bool channels_are_last() const {
    bool is_read = false;
    for (const OnnxNode& node : chosen_.nodes)
      if (std::count(node.inputs.begin(), node.inputs.end(), chosen_.input) > 0) {
        if (node.op != "Transpose" || node.integers("perm") != std::vector<Index>{0, 3, 1, 2})
          return false;
        is_read = true;
      }
    return is_read;
  }

  /// The image that a flat input of `size` is reshaped to before anything else, if it is.
  [[nodiscard]] std::optional<Shape> as_reshaped(Index size) const {
    const OnnxNode* reader = nullptr;
    for (const OnnxNode& node : chosen_.nodes)
      if (std::count(node.inputs.begin(), node.inputs.end(), chosen_.input) > 0) {
        if (reader) return {};
        reader = &node;
      }
    if (!reader || reader->op != "Reshape" || !reader->has_input(1) ||
        !file_.has_constant(reader->inputs[1]))
      return {};
    const OnnxTensor target = file_.constant(reader->inputs[1]);
    if (target.values.size() != 4) return {};
    for (std::size_t i = 1; i < 4; ++i)
      if (!(target.values[i] >= 1 && target.values[i] <= static_cast<double>(size))) return {};
    const Shape shape{static_cast<Index>(target.values[2]), static_cast<Index>(target.values[3]),
                      static_cast<Index>(target.values[1])};
    if (shape.size() != size) return {};
    return shape;
  }

  void translate(const OnnxNode& node) {
    if (node.op == "Constant") return keep(node, constant_of(node));
    OnnxCall call{node, memory_, batch_};
    std::vector<const OnnxTensor*> constants;
    std::vector<int> read;
    for (const std::string& name : node.inputs) {
      OnnxOperand operand;
      if (const auto found = values_.find(name); found != values_.end()) {
        operand.value = &found->second;
        read.push_back(makers_.count(name) > 0 ? makers_.at(name) : OnnxPaths::input);
      } else if (!name.empty()) {
        operand.constant = &constant(name);
      }
      call.inputs.push_back(operand);
      constants.push_back(operand.constant);
    }
    if (node.op == "Shape") return keep(node, extents_of(call));
    if (read.empty()) return keep(node, constants_(node, constants));

    OnnxBuilt built;
    if (node.op == "Concat" && call.inputs.size() > 1)
      built.value = from_onnx::side_by_side(call);
    else if (read.size() > 1)
      built.value = from_onnx::sum(call);
    else
      built = OnnxOperators::build(call);
    makers_[node.outputs.at(0)] = static_cast<int>(built_.size());
    values_.emplace(node.outputs[0], std::move(built.value));
    built_.push_back({&node, std::move(read), std::move(built.steps)});
  }

  [[nodiscard]] OnnxTensor constant_of(const OnnxNode& node) const {
    if (const auto* whole = node.find("value", onnx::AttributeProto::TENSOR, "a tensor"))
      return file_.read(whole->t(), node.outputs.empty() ? "" : node.outputs[0]);
    if (const auto* one = node.find("value_float", onnx::AttributeProto::FLOAT, "a number"))
      return {{}, {double{one->f()}}};
    if (const auto* one = node.find("value_int", onnx::AttributeProto::INT, "a whole number"))
      return {{}, {static_cast<double>(one->i())}, true};
    if (const auto* all = node.find("value_ints", onnx::AttributeProto::INTS, "whole numbers"))
      return {{all->ints_size()}, {all->ints().begin(), all->ints().end()}, true};
    if (const auto* all = node.find("value_floats", onnx::AttributeProto::FLOATS, "numbers"))
      return {{all->floats_size()}, {all->floats().begin(), all->floats().end()}};
    throw Error("it has no value of numbers");
  }

  void keep(const OnnxNode& node, OnnxTensor tensor) {
    if (node.outputs.empty()) throw Error("it has no output");
    tensors_.emplace(node.outputs[0], std::move(tensor));
  }

  /// Read when it is first asked for.
  [[nodiscard]] const OnnxTensor& constant(const std::string& name) {
    const auto found = tensors_.find(name);
    if (found != tensors_.end()) return found->second;
    if (!file_.has_constant(name))
      throw Error(message("it reads '", name, "', which is not there"));
    return tensors_.emplace(name, file_.constant(name)).first->second;
  }

  /// The batch is not known.
  [[nodiscard]] static OnnxTensor extents_of(const OnnxCall& call) {
    if (call.node.attributes.size() > 0) throw Error("it asks for some of the extents only");
    OnnxTensor shape{{}, {}, true};
    if (call.inputs.at(0).value) {
      shape.values.push_back(std::numeric_limits<double>::quiet_NaN());
      for (const Index extent : call.inputs[0].value->extents)
        shape.values.push_back(static_cast<double>(extent));
    } else if (call.inputs[0].constant) {
      for (const Index extent : call.inputs[0].constant->extents)
        shape.values.push_back(static_cast<double>(extent));
    }
    shape.extents = {static_cast<Index>(shape.values.size())};
    return shape;
  }

  // --- The ways from input to output ------------------------------------------------------------------

  void follow() {
    if (!output().ends.empty())
      remarks_.push_back(output().ends + " is left out: the top class stays what it is");
    std::vector<std::vector<int>> read;
    for (const Built& each : built_) read.push_back(each.read);
    OnnxPaths paths(std::move(read));
    if (makers_.count(chosen_.output) == 0) return;  // the input itself
    const int last = makers_.at(chosen_.output);
    try {
      const OnnxPaths::Path path = paths.to(last);
      steps_ = along(path, input());
    } catch (const Error& error) {
      throw Error(message(built_.at(static_cast<std::size_t>(paths.fault())).node->text(), ": ",
                          error.what()));
    }
  }

  [[nodiscard]] OnnxSteps along(const OnnxPaths::Path& path, Shape shape) {
    OnnxSteps all;
    for (const OnnxPaths::Part& part : path) {
      Built& built = built_[static_cast<std::size_t>(part.node)];
      if (part.branches.empty()) {
        for (OnnxStep& step : built.steps) all.push_back(std::move(step));
      } else {
        const Shape& output = values_.at(built.node->outputs[0]).shape;
        JoinStep join;
        join.is_sum = built.node->op != "Concat";
        for (const OnnxPaths::Path& branch : part.branches) {
          OnnxSteps steps = along(branch, shape);
          JoinStep* inner = steps.size() == 1 ? steps[0].as<JoinStep>() : nullptr;
          if (!inner || !join.is_sum || !inner->is_sum || built.node->op == "Sub")
            join.branches.push_back(std::move(steps));
          else  // a + b + c
            for (OnnxSteps& each : inner->branches) join.branches.push_back(std::move(each));
        }
        if (built.node->op == "Sub") {
          AffineStep negative = AffineStep::none(output.channels);
          negative.scale.setConstant(-1);
          negative.is_uniform = true;
          join.branches[1].push_back({built.node->text(), output, output, std::move(negative)});
        }
        all.push_back({built.node->text(), shape, output, std::move(join)});
      }
      if (!all.empty()) shape = all.back().output;
    }
    return all;
  }

  struct Built {
    const OnnxNode* node;
    std::vector<int> read;
    OnnxSteps steps;
  };
  static constexpr Index free = -1;

  const OnnxFile& file_;
  MemoryAccount& memory_;
  OnnxConstants constants_;
  OnnxSelection chosen_;
  bool is_double_ = false;
  Index batch_ = free;
  std::map<std::string, OnnxValue> values_;    // what depends on the input
  std::map<std::string, OnnxTensor> tensors_;  // what does not
  std::map<std::string, int> makers_;          // of values, among built_
  std::vector<Built> built_;
  OnnxSteps steps_;
  std::vector<std::string> remarks_;
};

}  // namespace gloro::detail
