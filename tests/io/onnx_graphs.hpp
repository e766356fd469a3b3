// ONNX graphs for the tests of the import, put together node by node.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "data/files.hpp"
#include "gloro/io/onnx_reader.hpp"

namespace onnx_graphs {

using namespace gloro;

/// A graph put together node by node.
class Graph {
 public:
  explicit Graph(const std::vector<std::int64_t>& input, std::int64_t opset = 13) {
    model_.set_ir_version(7);
    model_.add_opset_import()->set_version(opset);
    onnx::ValueInfoProto& x = *graph().add_input();
    x.set_name("x");
    auto& type = *x.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : input) {
      auto& dimension = *type.mutable_shape()->add_dim();
      if (extent > 0) dimension.set_dim_value(extent);
    }
    graph().add_output()->set_name("y");
  }

  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::string& output) {
    onnx::NodeProto& added = *graph().add_node();
    added.set_op_type(op);
    added.set_name("the " + output);
    for (const std::string& input : inputs) added.add_input(input);
    added.add_output(output);
    return added;
  }
  void integers(onnx::NodeProto& node, const std::string& name,
                const std::vector<std::int64_t>& values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }
  void integer(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
  }
  void text(onnx::NodeProto& node, const std::string& name, const std::string& value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(value);
  }
  onnx::TensorProto& constant(const std::string& name, const std::vector<std::int64_t>& extents,
                              const std::vector<float>& values) {
    onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : extents) tensor.add_dims(extent);
    for (const float value : values) tensor.add_float_data(value);
    return tensor;
  }
  void list(const std::string& name, const std::vector<std::int64_t>& values) {
    onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t value : values) tensor.add_int64_data(value);
  }
  [[nodiscard]] onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  void save(const std::filesystem::path& path) const {
    std::ofstream out(path, std::ios::binary);
    REQUIRE(model_.SerializeToOstream(&out));
  }
  template <typename Scalar = float>
  [[nodiscard]] OnnxModel<Scalar> load(const OnnxOptions& options = {}) const {
    const files::TemporaryDirectory directory;
    save(directory / "m.onnx");
    return load_onnx<Scalar>(directory / "m.onnx", options);
  }
  /// What is said about it, behind the path.
  [[nodiscard]] std::string refusal(const OnnxOptions& options = {}) const {
    try {
      (void)load(options);
    } catch (const FileError& error) {
      const std::string text = error.what();
      return text.substr(text.find("m.onnx: ") + 8);
    }
    return "taken";
  }

 private:
  onnx::ModelProto model_;
};

template <typename Scalar>
[[nodiscard]] std::vector<std::string> types(const GloroModel<Scalar>& model) {
  std::vector<std::string> all;
  for (const auto& layer : model.layers()) all.push_back(layer.describe().type);
  return all;
}

template <typename Scalar>
[[nodiscard]] std::vector<double> logits(const GloroModel<Scalar>& model,
                                         const std::vector<double>& values) {
  Tensor<Scalar> x(model.input_shape(), 1);
  REQUIRE(x.size() == static_cast<Index>(values.size()));
  for (Index i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<Scalar>(values[static_cast<std::size_t>(i)]);
  const auto y = model.logits(x);
  return {y.data(), y.data() + y.size()};
}

}  // namespace onnx_graphs
