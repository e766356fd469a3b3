// ONNX export: a network with its bottom logit and certified radius inside the graph, so that any
// ONNX engine serves certified predictions. The Lipschitz constants in it are the Certifier's
// rigorous ones, rounded up; the engine's own rounding is not accounted for, so that its answers
// are not proofs: where the proof matters, certify with this library.
//
//   images   float32, batch x height x width x channels: the bytes of a Tensor, of an .npy file
//   logits   batch x classes
//   bottom   batch: max over i != j of y_i + epsilon K_ji, j the argmax: it stands if y_j > bottom
//   radius   batch: min over i != j of (y_j - y_i) / K_ji: j stands for every epsilon below it
//
// The bottom logit's epsilon is fixed when the file is written: an input with a default would be
// ignored without a word by some engines. Other epsilons are compared with the radius.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/core/error.hpp"
#include "gloro/io/layer_registry.hpp"
#include "gloro/io/onnx_graph.hpp"
#include "gloro/io/weight_order.hpp"

namespace gloro {

namespace detail {

/// Writes layer after layer. Values are batch x channels x height x width, as ONNX has them, or
/// batch x channels after a Dense.
class OnnxLayers {
 public:
  OnnxLayers(OnnxGraph& graph, const std::string& images, const Shape& input)
      : graph_(graph),
        value_(graph.node("Transpose", {images}, {}, {{"perm", {0, 3, 1, 2}}})),
        shape_(input) {}

  [[nodiscard]] const std::string& value() const { return value_; }

  void append(const AnyLayer<float>& layer) {
    const Description description = layer.describe();
    const std::string& type = description.type;
    DescribedOptions options(description);
    const Shape output = layer.output_shape(shape_);
    if (type == "conv2d")
      convolve(layer, description, options, output);
    else if (type == "dense")
      multiply(layer, description, output);
    else if (type == "convex_potential")
      descend(layer, description, options, output);
    else if (type == "minmax")
      sort_pairs(options.choice("pairs", {"adjacent", "halves"}, 0) == 0);
    else if (type == "relu")
      value_ = graph_.node("Relu", {value_});
    else if (type == "scaling")
      value_ = graph_.node("Mul", {value_, graph_.constant(values(*layer.parameters()[0]), {1})});
    else if (type == "normalization")
      normalize(options);
    else if (type == "invertible_downsampling")
      downsample(options.extent("block"), output);
    else if (type == "average_pooling2d" || type == "max_pooling2d")
      pool(type == "max_pooling2d", options, output);
    else
      throw ArgumentError(message("a layer of type '", type, "' has no form in ONNX"));
    shape_ = output;
  }

 private:
  using Extents = OnnxGraph::Extents;

  [[nodiscard]] static std::vector<float> values(const Parameter<float>& parameter) {
    return {parameter.value.data(), parameter.value.data() + parameter.value.size()};
  }

  /// strides, kernel_shape and pads of a window; zeros after the image as many as it reaches over.
  [[nodiscard]] static OnnxGraph::Attributes window(const kernels::ConvolutionGeometry& g) {
    const auto after = [](Index outputs, Index stride, Index kernel, Index size, Index before) {
      return std::max<Index>(0, (outputs - 1) * stride + kernel - size - before);
    };
    return {{"kernel_shape", {g.kernel_height, g.kernel_width}},
            {"strides", {g.stride_height, g.stride_width}},
            {"pads",
             {g.pad_top, g.pad_left,
              after(g.output.height, g.stride_height, g.kernel_height, g.input.height, g.pad_top),
              after(g.output.width, g.stride_width, g.kernel_width, g.input.width, g.pad_left)}}};
  }

  void reshape(const Extents& extents) {
    value_ = graph_.node("Reshape", {value_, graph_.integers(extents)});
  }

  void as_image() {
    if (is_flat_) reshape({0, shape_.channels, 1, 1});
    is_flat_ = false;
  }

  void convolve(const AnyLayer<float>& layer, const Description& description,
                DescribedOptions& options, const Shape& output) {
    as_image();
    const auto parameters = layer.parameters();
    const WeightOrder order = *weight_order(description, shape_, output);
    std::vector<std::string> inputs{
        value_, graph_.constant(order.to_file(parameters[0]->value),
                                {order.extents().begin(), order.extents().end()})};
    if (parameters.size() > 1)
      inputs.push_back(graph_.constant(values(*parameters[1]), {output.channels}));
    const Window over{options.extent("kernel"), options.extent("stride"),
                      options.padding("padding")};
    value_ = graph_.node("Conv", inputs, {}, window(over.on(shape_, output.channels)));
  }

  /// x - h W^T relu(W x + b): ONNX's transposed convolution takes the very weights.
  void descend(const AnyLayer<float>& layer, const Description& description,
               DescribedOptions& options, const Shape& output) {
    as_image();
    const auto parameters = layer.parameters();
    const WeightOrder order = *weight_order(description, shape_, output);
    const Index hidden = options.number("hidden");
    const std::string weight = graph_.constant(order.to_file(parameters[0]->value),
                                               {order.extents().begin(), order.extents().end()});
    std::vector<std::string> inputs{value_, weight};
    if (parameters.size() > 1)
      inputs.push_back(graph_.constant(values(*parameters[1]), {hidden}));
    const auto over = window(Window{options.extent("kernel"), 1, Padding::same}.on(shape_, hidden));
    const std::string active = graph_.node("Relu", {graph_.node("Conv", inputs, {}, over)});
    const std::string down = graph_.node("ConvTranspose", {active, weight}, {}, over);
    const std::string scale =
        graph_.constant({static_cast<float>(options.real("scale"))}, {1});
    value_ = graph_.node("Sub", {value_, graph_.node("Mul", {down, scale})});
  }

  void multiply(const AnyLayer<float>& layer, const Description& description,
                const Shape& output) {
    const auto parameters = layer.parameters();
    const WeightOrder order = *weight_order(description, shape_, output);
    if (!is_flat_) value_ = graph_.node("Flatten", {value_}, {{"axis", 1}});
    is_flat_ = true;
    std::vector<std::string> inputs{
        value_, graph_.constant(order.to_file(parameters[0]->value),
                                {order.extents().begin(), order.extents().end()})};
    if (parameters.size() > 1)
      inputs.push_back(graph_.constant(values(*parameters[1]), {output.channels}));
    value_ = graph_.node("Gemm", inputs, {{"transB", 1}});
  }

  void sort_pairs(bool adjacent) {
    const Index half = shape_.channels / 2;
    Extents paired{0, adjacent ? half : 2, adjacent ? 2 : half};
    Extents merged{0, shape_.channels};
    if (!is_flat_)
      for (auto* extents : {&paired, &merged})
        extents->insert(extents->end(), {shape_.height, shape_.width});
    const std::int64_t axis = adjacent ? 2 : 1;
    reshape(paired);
    const auto members = graph_.nodes("Split", {value_}, 2, {{"axis", axis}});
    value_ = graph_.node("Concat", {graph_.node("Min", members), graph_.node("Max", members)},
                         {{"axis", axis}});
    reshape(merged);
  }

  void normalize(DescribedOptions& options) {
    const Extents each = is_flat_ ? Extents{1, shape_.channels} : Extents{1, shape_.channels, 1, 1};
    const std::string shift = graph_.constant(options.values<float>("shift"), each);
    const std::string scale = graph_.constant(options.values<float>("scale"), each);
    value_ = graph_.node("Mul", {graph_.node("Sub", {value_, shift}), scale});
  }

  void downsample(const Extent& block, const Shape& output) {
    as_image();
    reshape({0, shape_.channels, output.height, block.height, output.width, block.width});
    value_ = graph_.node("Transpose", {value_}, {}, {{"perm", {0, 3, 5, 1, 2, 4}}});
    reshape({0, output.channels, output.height, output.width});
  }

  void pool(bool max, DescribedOptions& options, const Shape& output) {
    as_image();
    const Window over{options.extent("pool"), options.extent("stride"), options.padding("padding")};
    const auto attributes = window(over.on(shape_, output.channels));
    value_ = max ? graph_.node("MaxPool", {value_}, {}, attributes)
                 : graph_.node("AveragePool", {value_}, {{"count_include_pad", 0}}, attributes);
  }

  OnnxGraph& graph_;
  std::string value_;
  Shape shape_;           // of a sample
  bool is_flat_ = false;  // batch x channels
};

/// The float that is not below `value`.
[[nodiscard]] inline float float_up(double value) {
  const auto nearest = static_cast<float>(value);
  return static_cast<double>(nearest) < value
             ? std::nextafter(nearest, std::numeric_limits<float>::infinity())
             : nearest;
}

/// Appends what follows from the logits. A logit that is not finite leaves the bottom logit at
/// infinity and the radius at zero; so does a tie.
inline void append_bottom(OnnxGraph& graph, const std::string& logits, float epsilon,
                          const Matrix<double>& constants) {
  const Index classes = constants.rows();
  std::vector<float> table;
  std::vector<bool> diagonal;
  for (Index j = 0; j < classes; ++j)
    for (Index i = 0; i < classes; ++i) {
      table.push_back(i == j ? 1 : float_up(constants(j, i)));
      diagonal.push_back(i == j);
    }
  const auto number = [&](float value) { return graph.constant({value}, {}); };
  const std::string zero = number(0), infinity = number(std::numeric_limits<float>::infinity());
  const std::string none = number(-std::numeric_limits<float>::infinity());
  const std::string columns = graph.integers({1});

  const std::string top = graph.node("ArgMax", {logits}, {{"axis", 1}, {"keepdims", 0}});
  const std::string own = graph.node("Gather", {graph.truths(diagonal, {classes, classes}), top});
  const std::string k = graph.node("Gather", {graph.constant(table, {classes, classes}), top});
  const std::string finite = graph.node(
      "Less", {graph.node("ReduceSum", {graph.node("Abs", {logits}), columns}), infinity});
  const std::string finite_flat = graph.node("Squeeze", {finite, columns});

  const std::string reach =
      graph.node("Add", {logits, graph.node("Mul", {number(epsilon), k})});
  const std::string bottom =
      graph.node("ReduceMax", {graph.node("Where", {own, none, reach})}, {{"keepdims", 0}},
                 {{"axes", {1}}});
  graph.output(graph.node("Where", {finite_flat, bottom, infinity}), "bottom", {-1},
               "the bottom logit: the top class stands if its logit is above it");

  const std::string best =
      graph.node("ReduceMax", {logits}, {{"keepdims", 1}}, {{"axes", {1}}});
  const std::string margin = graph.node("Sub", {best, logits});
  const std::string leads =
      graph.node("And", {graph.node("Greater", {margin, zero}), finite});
  const std::string reaches =
      graph.node("Where", {leads, graph.node("Div", {margin, k}), zero});
  graph.output(graph.node("ReduceMin", {graph.node("Where", {own, infinity, reaches})},
                          {{"keepdims", 0}}, {{"axes", {1}}}),
               "radius", {-1}, "the top class stands for every epsilon below it");
}

}  // namespace detail

/// Writes the network of `certifier` as an ONNX file, atomically, the bottom logit for `epsilon`,
/// in the images' unit. Throws ArgumentError, naming the layer, for a type that ONNX export does
/// not know, and for a relaxed guarantee: only top-1 is exported.
inline void export_onnx(OutputFile file, const Certifier<float>& certifier, double epsilon) {
  if (!(epsilon >= 0 && std::isfinite(epsilon)))
    throw ArgumentError(message("epsilon must be >= 0 and finite, got ", epsilon));
  if (certifier.guarantee().is_relaxed())
    throw ArgumentError(message("ONNX export is for top-1, the certifier's guarantee is ",
                                certifier.guarantee().text(), ": export Certifier(model, "
                                "Guarantee::top_1()) for the top-1 answers of the same network"));
  const GloroModel<float>& model = certifier.model();
  const Shape& input = model.input_shape();

  OnnxGraph graph("gloro");
  graph.document(message(
      "A globally-robust network with the bottom logit for epsilon ", epsilon,
      ". Its Lipschitz constants are rigorous; the rounding of the engine that runs it is not "
      "accounted for."));
  graph.add_metadata("epsilon", number_text(epsilon));
  const std::string images =
      graph.input("images", {-1, input.height, input.width, input.channels},
                  "in the unit that the network was trained in, channels last");

  detail::OnnxLayers layers(graph, images, input);
  for (std::size_t l = 0; l < model.layers().size(); ++l) {
    try {
      layers.append(model.layers()[l]);
    } catch (const Error& error) {
      throw ArgumentError(message("layer ", l, ": ", error.what()));
    }
  }
  graph.output(layers.value(), "logits", {-1, model.classes()}, "one for each class");
  detail::append_bottom(graph, layers.value(), detail::float_up(epsilon),
                        certifier.margin_constants());
  graph.save(std::move(file));
}

}  // namespace gloro
