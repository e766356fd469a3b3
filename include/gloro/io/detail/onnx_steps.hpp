// OnnxStep: what one or more nodes of an ONNX graph are as a layer, before there is one: its weights in
// double, so that neighbours can be folded, in the library's order.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/layers/window.hpp"

namespace gloro::detail {

struct OnnxStep;
using OnnxSteps = std::vector<OnnxStep>;

/// y = W x + b: a convolution, or, without a window, a dense layer.
struct LinearStep {
  std::optional<Window> window;
  Matrix<double> weight;  ///< outputs x inputs, as Conv2D and Dense have them
  Matrix<double> bias;    ///< outputs x 1, or 0 x 1

  /// A bias to add to.
  [[nodiscard]] Matrix<double>& own_bias() {
    if (bias.size() == 0) bias = Matrix<double>::Zero(weight.rows(), 1);
    return bias;
  }
};

/// y = (x - before) * scale + after for every channel.
struct AffineStep {
  Vector<double> before, scale, after;
  bool is_uniform = false;  ///< one number in the file stands for all channels

  [[nodiscard]] static AffineStep none(Index channels) {
    return {Vector<double>::Zero(channels), Vector<double>::Ones(channels),
            Vector<double>::Zero(channels)};
  }
};

/// Zeros around an image.
struct PaddingStep {
  Padding padding = Padding::valid;
};

/// A layer of the catalogue, and the values of its parameters in the library's order.
struct NamedStep {
  Description layer;
  std::vector<Matrix<double>> values = {};
};

/// What several chains make of the same input, added up, or side by side as channels; one without steps
/// is the input itself.
struct JoinStep {
  std::vector<OnnxSteps> branches;
  bool is_sum = true;
};

struct OnnxStep {
  std::string node;  ///< as errors and remarks name it
  Shape input, output;
  std::variant<LinearStep, AffineStep, PaddingStep, NamedStep, JoinStep> what;

  template <typename Step>
  [[nodiscard]] Step* as() {
    return std::get_if<Step>(&what);
  }
  template <typename Step>
  [[nodiscard]] const Step* as() const {
    return std::get_if<Step>(&what);
  }
};

}  // namespace gloro::detail
