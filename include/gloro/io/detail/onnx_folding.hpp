// Folding of linear neighbours, in double: a batch norm into the convolution before it, a shift and scale
// of the input into the one after, x + conv(x) into one convolution. One layer has one norm, which is
// never above the product of those of its parts, and often far below.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/io/detail/onnx_steps.hpp"

namespace gloro::detail {

class OnnxFolding {
 public:
  /// `is_whole`: not only what costs no rounding, a bias that stands for itself, say, or zeros around an
  /// image. `remarks` are told what went where.
  OnnxFolding(bool is_whole, std::vector<std::string>& remarks)
      : is_whole_(is_whole), remarks_(remarks) {}

  [[nodiscard]] OnnxSteps operator()(OnnxSteps steps) {
    OnnxSteps folded;
    for (OnnxStep& step : steps) {
      if (JoinStep* join = step.as<JoinStep>()) {
        for (OnnxSteps& branch : join->branches) branch = (*this)(std::move(branch));
        if (is_whole_ && join->is_sum) sum_up(step);
      }
      folded.push_back(std::move(step));
      while (folded.size() > 1 && merge(folded[folded.size() - 2], folded.back()))
        folded.pop_back();
    }
    return folded;
  }

 private:
  [[nodiscard]] static bool is_dense(const LinearStep* step) { return step && !step->window; }

  /// Puts b into a, if that can be done.
  [[nodiscard]] bool merge(OnnxStep& a, OnnxStep& b) {
    auto *linear = a.as<LinearStep>(), *next = b.as<LinearStep>();
    auto *affine = a.as<AffineStep>(), *after = b.as<AffineStep>();
    auto *zeros = a.as<PaddingStep>(), *more = b.as<PaddingStep>();
    if (zeros && more) return become(a, b, PaddingStep{sum(zeros->padding, more->padding)});
    if (zeros && next && next->window) {
      next->window->padding = sum(zeros->padding, next->window->padding);
      return become(a, b, std::move(*next));
    }
    if (affine && after) return become(a, b, composed(*affine, *after));
    if (linear && after &&
        (is_whole_ || after->scale == Vector<double>::Ones(after->scale.size()))) {
      linear->own_bias().col(0) =
          (linear->own_bias().col(0) - after->before).cwiseProduct(after->scale) + after->after;
      linear->weight = after->scale.asDiagonal() * linear->weight;
      tell(b, "after", a);
      a.output = b.output;
      return true;
    }
    if (is_whole_ && affine && next && begin_with(*next, *affine, b.input)) {
      tell(a, "before", b);
      return become(a, b, std::move(*next));
    }
    if (is_whole_ && is_dense(linear) && is_dense(next) &&
        next->weight.rows() * linear->weight.cols() <=
            next->weight.size() + linear->weight.size()) {
      const Matrix<double> shift = next->weight * linear->own_bias();
      next->own_bias() += shift;
      next->weight = next->weight * linear->weight;
      tell(a, "before", b);
      return become(a, b, std::move(*next));
    }
    return false;
  }

  template <typename Step>
  [[nodiscard]] static bool become(OnnxStep& a, OnnxStep& b, Step&& step) {
    a.node = b.node;
    a.output = b.output;
    a.what = std::forward<Step>(step);
    return true;
  }

  void tell(const OnnxStep& what, const char* where, const OnnxStep& into) {
    remarks_.push_back(
        message(what.node, " is folded into ", into.node, ", ",
                where == std::string("after") ? "which it follows" : "which follows it"));
  }

  [[nodiscard]] static Padding sum(const Padding& a, const Padding& b) {
    return Padding(a.top + b.top, a.bottom + b.bottom, a.left + b.left, a.right + b.right);
  }

  /// ((x - s) k + o - t) l + p = (x - s) k l + (o - t) l + p.
  [[nodiscard]] static AffineStep composed(const AffineStep& a, const AffineStep& b) {
    return {a.before, a.scale.cwiseProduct(b.scale),
            (a.after - b.before).cwiseProduct(b.scale) + b.after, a.is_uniform && b.is_uniform};
  }

  /// Lets `step` take the input of `affine`. Zeros around an image stand for no channel's shift: then
  /// only a scale can go.
  [[nodiscard]] static bool begin_with(LinearStep& step, const AffineStep& affine,
                                       const Shape& input) {
    const Vector<double> shift = affine.after - affine.before.cwiseProduct(affine.scale);
    if (step.window && step.window->padding != Padding(0, 0, 0, 0) && !shift.isZero(0))
      return false;
    const Index channels = affine.scale.size();
    if (!step.window && channels != input.channels) return false;
    for (Index column = 0; column < step.weight.cols(); ++column) {
      const Index c = column % channels;
      if (shift(c) != 0) step.own_bias() += shift(c) * step.weight.col(column);
      step.weight.col(column) *= affine.scale(c);
    }
    return true;
  }

  /// x + conv(x), or several convolutions of the same windows: the sum of their filters.
  void sum_up(OnnxStep& step) {
    const JoinStep& sum = *step.as<JoinStep>();
    const LinearStep* model = nullptr;
    for (const OnnxSteps& branch : sum.branches) {
      if (branch.empty()) continue;
      const LinearStep* linear = branch.size() == 1 ? branch[0].as<LinearStep>() : nullptr;
      if (!linear || (model && linear->window != model->window)) return;
      model = linear;
    }
    if (!model) return;
    LinearStep whole{
        model->window, Matrix<double>::Zero(model->weight.rows(), model->weight.cols()), {}};
    for (const OnnxSteps& branch : sum.branches) {
      if (branch.empty()) {
        if (!add_identity(whole, step.input)) return;
        continue;
      }
      const LinearStep& linear = *branch[0].as<LinearStep>();
      whole.weight += linear.weight;
      if (linear.bias.size() > 0) whole.own_bias() += linear.bias;
    }
    remarks_.push_back(message(step.node, " and what it adds are folded into one linear layer"));
    step.what = std::move(whole);
  }

  /// Adds 1 where a channel meets itself in the pixel that the window lies on.
  [[nodiscard]] static bool add_identity(LinearStep& step, const Shape& input) {
    if (!step.window) {
      step.weight.diagonal().array() += 1;
      return true;
    }
    const Window& window = *step.window;
    if (window.stride != Extent(1) || window.padding.top >= window.kernel.height ||
        window.padding.left >= window.kernel.width)
      return false;
    const Index own = window.padding.top * window.kernel.width + window.padding.left;
    for (Index c = 0; c < input.channels; ++c) step.weight(c, own * input.channels + c) += 1;
    return true;
  }

  bool is_whole_;
  std::vector<std::string>& remarks_;
};

}  // namespace gloro::detail
