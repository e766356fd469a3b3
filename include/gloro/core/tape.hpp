// Tape: the whole autodiff core. A forward pass pushes what the backward pass will need; the
// backward pass pops it in reverse order. There is no graph: a network is a chain of layers.
#pragma once

#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro {

template <std::floating_point Scalar>
class Tape {
 public:
  void push(Tensor<Scalar> tensor) { stack_.push_back(std::move(tensor)); }

  /// The tensor pushed last. Throws Error if backward asks for more than forward left.
  [[nodiscard]] Tensor<Scalar> pop() {
    if (stack_.empty()) throw Error("tape is empty: backward without its forward pass");
    Tensor<Scalar> top = std::move(stack_.back());
    stack_.pop_back();
    return top;
  }

  [[nodiscard]] bool empty() const { return stack_.empty(); }
  void clear() { stack_.clear(); }

 private:
  std::vector<Tensor<Scalar>> stack_;
};

}  // namespace gloro
