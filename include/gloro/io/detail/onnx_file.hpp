// OnnxFile: an ONNX file as its nodes, constants, inputs and outputs by name, the format checked. It
// knows nothing of networks.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/io/detail/onnx_node.hpp"
#include "gloro/io/detail/onnx_tensor.hpp"

namespace gloro::detail {

class OnnxFile {
 public:
  /// The sets of operators whose meaning is known here; newer ones change none that is taken.
  static constexpr std::int64_t oldest = 9, newest = 25;

  /// Throws Error without the file's name.
  explicit OnnxFile(const std::filesystem::path& path) : reader_(path.parent_path()) {
    bytes_ = size_of_file(path);
    if (bytes_ > std::numeric_limits<std::int32_t>::max())
      throw Error("it has more than 2 GiB, which no ONNX file has");
    std::ifstream in = open_to_read(path);
    if (!proto_.ParseFromIstream(&in) || !proto_.has_graph())
      throw Error("it is no ONNX file, or a damaged one");
    check_version();
    for (const auto& tensor : proto_.graph().initializer())
      if (!initializers_.emplace(tensor.name(), &tensor).second) twice(tensor.name());
    if (proto_.graph().sparse_initializer_size() > 0) throw Error("it has sparse constants");
    read_nodes();
  }

  [[nodiscard]] std::uintmax_t bytes() const { return bytes_; }
  [[nodiscard]] const onnx::GraphProto& graph() const { return proto_.graph(); }
  /// In an order in which each reads what was computed before it.
  [[nodiscard]] const std::vector<OnnxNode>& nodes() const { return nodes_; }

  [[nodiscard]] bool has_constant(const std::string& name) const {
    return initializers_.count(name) > 0;
  }
  /// Throws Error with the constant's name.
  [[nodiscard]] OnnxTensor constant(const std::string& name) const {
    return read(*initializers_.at(name), name);
  }
  [[nodiscard]] OnnxTensor read(const onnx::TensorProto& tensor, const std::string& name) const {
    try {
      return reader_(tensor);
    } catch (const Error& error) {
      throw Error(message("the constant '", name, "': ", error.what()));
    }
  }

  /// What the file says about itself, by key.
  [[nodiscard]] std::map<std::string, std::string> metadata() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : proto_.metadata_props()) all[entry.key()] = entry.value();
    return all;
  }

 private:
  [[noreturn]] static void twice(const std::string& name) {
    throw Error(message("two of its values have the name '", name, "'"));
  }

  void check_version() const {
    for (const auto& set : proto_.opset_import())
      if (set.domain().empty() || set.domain() == "ai.onnx") {
        if (set.version() < oldest || set.version() > newest)
          throw Error(message("it is written in version ", set.version(),
                              " of ONNX's operators, expected ", oldest, " to ", newest));
        return;
      }
    throw Error("it does not say which version of ONNX's operators it is written in");
  }

  void read_nodes() {
    std::set<std::string> written;
    for (const auto& node : proto_.graph().node()) {
      const bool is_own = node.domain().empty() || node.domain() == "ai.onnx";
      OnnxNode one{(is_own ? "" : node.domain() + ".") + node.op_type(),
                   node.name(),
                   {node.input().begin(), node.input().end()},
                   {node.output().begin(), node.output().end()}};
      for (const auto& attribute : node.attribute())
        one.attributes.emplace(attribute.name(), &attribute);
      for (const auto& output : one.outputs)
        if (!output.empty() && (has_constant(output) || !written.insert(output).second))
          twice(output);
      nodes_.push_back(std::move(one));
    }
  }

  OnnxTensorReader reader_;
  onnx::ModelProto proto_;
  std::uintmax_t bytes_ = 0;
  std::map<std::string, const onnx::TensorProto*> initializers_;
  std::vector<OnnxNode> nodes_;
};

}  // namespace gloro::detail
