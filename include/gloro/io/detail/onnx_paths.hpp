// OnnxPaths: a graph as a chain of nodes, some of them sums of chains that begin where they part. A sum
// begins at its immediate dominator, the last node that all ways to it lead through (Cooper, Harvey and
// Kennedy 2001, "A Simple, Fast Dominance Algorithm"; without loops one pass in order finds it).
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"

namespace gloro::detail {

class OnnxPaths {
 public:
  static constexpr int input = -1;  ///< in place of a node: the network's input

  struct Part;
  using Path = std::vector<Part>;
  struct Part {
    int node;
    std::vector<Path> branches = {};  ///< of a node that joins several
  };

  /// `read_by[n]`: the nodes whose values node n reads, all before n, or `input`.
  explicit OnnxPaths(std::vector<std::vector<int>> read_by) : read_(std::move(read_by)) {
    for (const std::vector<int>& nodes : read_) {
      int before = nodes.at(0);
      for (const int node : nodes) before = common(before, node);
      before_.push_back(before);
      depth_.push_back(depth(before) + 1);
    }
  }

  /// The way from the network's input to node `last`. Throws Error where the ways to a sum cross.
  [[nodiscard]] Path to(int last) {
    is_used_.assign(read_.size(), false);
    return between(input, last, 0);
  }

  /// The node at which an Error of to() arose.
  [[nodiscard]] int fault() const { return fault_; }

 private:
  static constexpr int deepest = 16;

  [[nodiscard]] int depth(int node) const {
    return node == input ? 0 : depth_[static_cast<std::size_t>(node)];
  }
  [[nodiscard]] int common(int a, int b) const {
    while (a != b) {
      if (depth(a) < depth(b)) std::swap(a, b);
      a = before_[static_cast<std::size_t>(a)];
    }
    return a;
  }

  [[nodiscard]] Path between(int first, int last, int nesting) {
    std::vector<Part> backwards;
    for (int at = last; at != first; at = before_[static_cast<std::size_t>(at)]) {
      const auto index = static_cast<std::size_t>(at);
      fault_ = at;
      if (is_used_[index])
        throw Error("it lies on two ways to a sum, which are taken only where they do not cross");
      is_used_[index] = true;
      Part part{at};
      if (read_[index].size() > 1) {
        if (nesting == deepest) throw Error("sums within sums, too many of them");
        for (const int node : read_[index])
          part.branches.push_back(between(before_[index], node, nesting + 1));
      }
      backwards.push_back(std::move(part));
    }
    return {std::make_move_iterator(backwards.rbegin()), std::make_move_iterator(backwards.rend())};
  }

  std::vector<std::vector<int>> read_;
  std::vector<int> before_, depth_;  // the immediate dominator, and how many there are above
  std::vector<bool> is_used_;
  int fault_ = input;
};

}  // namespace gloro::detail
