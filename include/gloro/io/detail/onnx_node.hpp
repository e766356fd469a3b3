// OnnxNode: an operator of an ONNX graph, the values that it reads and writes by name, and its
// attributes by name and type.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"

namespace gloro::detail {

struct OnnxNode {
  std::string op, name;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, const onnx::AttributeProto*> attributes = {};

  /// As errors name it: by its name, or by what it computes where it has none.
  [[nodiscard]] std::string text() const {
    const std::string own =
        !name.empty() || outputs.empty() ? "'" + name + "'" : "of '" + outputs[0] + "'";
    return "node " + own + " (" + op + ")";
  }

  [[nodiscard]] bool has_input(std::size_t i) const {
    return i < inputs.size() && !inputs[i].empty();
  }
  [[nodiscard]] bool has(const std::string& attribute) const {
    return attributes.count(attribute) > 0;
  }

  [[nodiscard]] Index integer(const std::string& attribute, Index otherwise) const {
    const auto* found = find(attribute, onnx::AttributeProto::INT, "a whole number");
    return found ? static_cast<Index>(found->i()) : otherwise;
  }
  [[nodiscard]] double real(const std::string& attribute, double otherwise) const {
    const auto* found = find(attribute, onnx::AttributeProto::FLOAT, "a number");
    return found ? double{found->f()} : otherwise;
  }
  [[nodiscard]] std::string word(const std::string& attribute, const std::string& otherwise) const {
    const auto* found = find(attribute, onnx::AttributeProto::STRING, "a word");
    return found ? found->s() : otherwise;
  }
  /// Empty where the attribute is absent.
  [[nodiscard]] std::vector<Index> integers(const std::string& attribute) const {
    const auto* found = find(attribute, onnx::AttributeProto::INTS, "whole numbers");
    if (!found) return {};
    return {found->ints().begin(), found->ints().end()};
  }
  [[nodiscard]] const onnx::AttributeProto* find(const std::string& attribute,
                                                 onnx::AttributeProto::AttributeType type,
                                                 const char* expected) const {
    const auto found = attributes.find(attribute);
    if (found == attributes.end()) return nullptr;
    if (found->second->type() != type)
      throw Error(message("its attribute '", attribute, "' is of type ", int{found->second->type()},
                          ", expected ", expected, " (", int{type}, ")"));
    return found->second;
  }
};

/// `axis` from the front where it counts from the back; throws Error where it is none of `rank` axes.
[[nodiscard]] inline std::size_t axis_of(Index axis, std::size_t rank) {
  const auto size = static_cast<Index>(rank);
  if (axis < -size || axis >= size)
    throw Error(message("its axis ", axis, " is none of a tensor of ", rank, " axes"));
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

}  // namespace gloro::detail
