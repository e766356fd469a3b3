// OnnxSelection: what of an ONNX file the logits depend on, and whether all of it is known here.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/io/detail/onnx_constants.hpp"
#include "gloro/io/detail/onnx_file.hpp"
#include "gloro/io/detail/onnx_node.hpp"
#include "gloro/io/detail/onnx_operators.hpp"
#include "gloro/io/detail/onnx_patterns.hpp"

namespace gloro::detail {

class OnnxSelection {
 public:
  /// `wanted`: the output with the logits; empty: the only one, or the one called "logits". Throws Error:
  /// one for all nodes that are not known.
  OnnxSelection(const OnnxFile& file, const std::string& wanted) : file_(file) {
    choose_output(wanted);
    keep_what_is_needed();
    find_input();
    refuse_what_is_not_known();
  }

  std::vector<OnnxNode> nodes;                     ///< groups of them as one, in the file's order
  std::string output, input;                       ///< by name
  const onnx::ValueInfoProto* declared = nullptr;  ///< the input, as the file has it

 private:
  void choose_output(const std::string& wanted) {
    std::string all;
    for (const auto& each : file_.graph().output()) {
      all += (all.empty() ? "" : ", ") + each.name();
      const bool is_it = wanted.empty() ? each.name() == "logits" : each.name() == wanted;
      if (is_it) output = each.name();
    }
    if (file_.graph().output_size() == 1 && wanted.empty()) output = file_.graph().output(0).name();
    if (output.empty())
      throw Error(message("which of its outputs holds the logits? Asked for is '",
                          wanted.empty() ? "logits" : wanted, "', there are ", all));
  }

  /// The nodes that the output depends on, groups of them as one.
  void keep_what_is_needed() {
    const std::vector<OnnxNode> all = OnnxPatterns::found_in(file_.nodes());
    std::map<std::string, std::size_t> makers;
    for (std::size_t n = 0; n < all.size(); ++n)
      for (const std::string& name : all[n].outputs)
        if (!name.empty()) makers.emplace(name, n);
    std::vector<bool> is_needed(all.size(), false);
    std::vector<std::string> open{output};
    while (!open.empty()) {
      const auto found = makers.find(open.back());
      open.pop_back();
      if (found == makers.end() || is_needed[found->second]) continue;
      is_needed[found->second] = true;
      for (const std::string& name : all[found->second].inputs) open.push_back(name);
    }
    for (std::size_t n = 0; n < all.size(); ++n)
      if (is_needed[n]) nodes.push_back(all[n]);
  }

  /// The one input that the nodes read and that is no constant.
  void find_input() {
    std::set<std::string> read;
    for (const OnnxNode& node : nodes) read.insert(node.inputs.begin(), node.inputs.end());
    read.insert(output);
    for (const auto& each : file_.graph().input()) {
      if (file_.has_constant(each.name()) || read.count(each.name()) == 0) continue;
      if (declared)
        throw Error(message("its logits depend on two inputs, '", input, "' and '", each.name(),
                            "', expected one"));
      declared = &each;
      input = each.name();
    }
    if (!declared) throw Error("its logits do not depend on its input");
  }

  /// Every node that cannot be taken, whatever its numbers are, in one Error.
  void refuse_what_is_not_known() const {
    std::set<std::string> flows{input};  // what depends on the input
    std::set<std::string> known;         // what does not
    std::string defects;
    int count = 0;
    const auto refuse = [&](const OnnxNode& node, const std::string& why) {
      ++count;
      if (count <= most_listed) defects += "\n  " + node.text() + ": " + why;
    };
    for (const OnnxNode& node : nodes) {
      std::size_t flowing = 0;
      for (const std::string& name : node.inputs) {
        flowing += flows.count(name);
        if (!name.empty() && flows.count(name) + known.count(name) == 0 &&
            !file_.has_constant(name))
          throw Error(
              message(node.text(), ": it reads '", name, "', which is not there before it"));
      }
      const bool is_constant = flowing == 0 || node.op == "Shape";
      for (const std::string& name : node.outputs) (is_constant ? known : flows).insert(name);
      std::string defect;
      if (is_constant)
        defect = node.op == "Constant" || node.op == "Shape" || OnnxConstants::knows(node.op)
                     ? ""
                     : "an operator that is not known here for constants";
      else
        defect = OnnxOperators::defect_of(node);
      if (defect.empty() && !is_constant && flowing > 1 && !is_join(node))
        defect =
            "several of its inputs depend on the network's input: only Add, Sub and Concat are "
            "taken so";
      if (!defect.empty()) refuse(node, defect);
    }
    if (flows.count(output) == 0) throw Error("its logits do not depend on its input");
    if (count > most_listed) defects += message("\n  and ", count - most_listed, " more");
    if (count > 0) throw Error(message(count, " of its nodes cannot be taken:", defects));
  }
  static constexpr int most_listed = 100;

  [[nodiscard]] static bool is_join(const OnnxNode& node) {
    return node.op == "Concat" ||
           ((node.op == "Add" || node.op == "Sub") && node.inputs.size() == 2);
  }

  const OnnxFile& file_;
};

}  // namespace gloro::detail
