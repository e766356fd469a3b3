// OnnxGraph: writes an ONNX graph node by node (https://onnx.ai, opset 13), on the official
// protobuf schema. It knows the file format, and nothing of networks.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/output_file.hpp"

namespace gloro {

class OnnxGraph {
 public:
  using Extents = std::vector<std::int64_t>;

  explicit OnnxGraph(const std::string& name) {
    model_.set_ir_version(7);  // of ONNX 1.8, which brought opset 13
    model_.set_producer_name("gloro");
    model_.add_opset_import()->set_version(13);
    graph().set_name(name);
  }

  // --- Inputs, outputs, constants: each is known by its name ------------------------------------

  /// A float32 input; an extent below zero is free, and called "batch".
  std::string input(const std::string& name, const Extents& extents, const std::string& meaning) {
    describe(*graph().add_input(), name, extents, meaning);
    return name;
  }
  /// Names `value` as an output.
  void output(const std::string& value, const std::string& name, const Extents& extents,
              const std::string& meaning) {
    onnx::NodeProto& node = *graph().add_node();
    node.set_op_type("Identity");
    node.set_name(name);
    node.add_input(value);
    node.add_output(name);
    describe(*graph().add_output(), name, extents, meaning);
  }

  std::string constant(const std::vector<float>& values, const Extents& extents) {
    const std::string name = fresh("constant");
    onnx::TensorProto& tensor = start_constant(name, extents, onnx::TensorProto::FLOAT);
    for (const float value : values) tensor.add_float_data(value);
    return name;
  }
  std::string integers(const std::vector<std::int64_t>& values) {
    const std::string name = fresh("integers");
    onnx::TensorProto& tensor =
        start_constant(name, {static_cast<std::int64_t>(values.size())}, onnx::TensorProto::INT64);
    for (const std::int64_t value : values) tensor.add_int64_data(value);
    return name;
  }
  std::string truths(const std::vector<bool>& values, const Extents& extents) {
    const std::string name = fresh("truths");
    onnx::TensorProto& tensor = start_constant(name, extents, onnx::TensorProto::BOOL);
    for (const bool value : values) tensor.add_int32_data(value);
    return name;
  }

  // --- Nodes ------------------------------------------------------------------------------------

  using Attributes = std::vector<std::pair<std::string, Extents>>;
  using Reals = std::vector<std::pair<std::string, float>>;

  /// A node with one output, whose name is returned; its attributes are whole numbers (`scalars`),
  /// lists of them, or real numbers.
  std::string node(const std::string& op, const std::vector<std::string>& inputs,
                   const std::vector<std::pair<std::string, std::int64_t>>& scalars = {},
                   const Attributes& lists = {}, const Reals& reals = {}) {
    return nodes(op, inputs, 1, scalars, lists, reals).front();
  }
  /// A node with `outputs` outputs.
  std::vector<std::string> nodes(const std::string& op, const std::vector<std::string>& inputs,
                                 int outputs,
                                 const std::vector<std::pair<std::string, std::int64_t>>& scalars,
                                 const Attributes& lists = {}, const Reals& reals = {}) {
    onnx::NodeProto& node = *graph().add_node();
    node.set_op_type(op);
    node.set_name(fresh(op));
    for (const auto& name : inputs) node.add_input(name);
    std::vector<std::string> names;
    for (int i = 0; i < outputs; ++i) {
      names.push_back(outputs == 1 ? node.name() : node.name() + "_" + std::to_string(i));
      node.add_output(names.back());
    }
    for (const auto& [name, value] : scalars) {
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(name);
      attribute.set_type(onnx::AttributeProto::INT);
      attribute.set_i(value);
    }
    for (const auto& [name, values] : lists) {
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(name);
      attribute.set_type(onnx::AttributeProto::INTS);
      for (const std::int64_t value : values) attribute.add_ints(value);
    }
    for (const auto& [name, value] : reals) {
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(name);
      attribute.set_type(onnx::AttributeProto::FLOAT);
      attribute.set_f(value);
    }
    return names;
  }

  // --- The file ---------------------------------------------------------------------------------

  void document(const std::string& text) { model_.set_doc_string(text); }
  void add_metadata(const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  /// Writes the file atomically; throws FileError where that fails.
  void save(OutputFile file) const {
    std::string bytes;
    if (!model_.SerializeToString(&bytes))
      throw FileError(message(file.path().string(), ": too large for one ONNX file (2 GiB)"));
    file.write(bytes);
    file.commit();
  }

 private:
  [[nodiscard]] onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  [[nodiscard]] std::string fresh(const std::string& what) {
    return what + "_" + std::to_string(names_++);
  }

  static void describe(onnx::ValueInfoProto& value, const std::string& name, const Extents& extents,
                       const std::string& meaning) {
    value.set_name(name);
    value.set_doc_string(meaning);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    (void)type.mutable_shape();  // a scalar has a shape too, of no extents
    for (const std::int64_t extent : extents) {
      auto& dimension = *type.mutable_shape()->add_dim();
      if (extent < 0)
        dimension.set_dim_param("batch");
      else
        dimension.set_dim_value(extent);
    }
  }

  onnx::TensorProto& start_constant(const std::string& name, const Extents& extents,
                                    onnx::TensorProto::DataType type) {
    onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t extent : extents) tensor.add_dims(extent);
    return tensor;
  }

  onnx::ModelProto model_;
  int names_ = 0;
};

}  // namespace gloro
