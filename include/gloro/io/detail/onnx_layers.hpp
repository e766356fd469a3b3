// The layers in ONNX, each type by a writer of its own. Values are batch x channels x height x width, as
// ONNX has them, or batch x channels after a Dense.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/io/detail/onnx_graph.hpp"
#include "gloro/io/detail/weight_order.hpp"
#include "gloro/kernels/convolution_geometry.hpp"
#include "gloro/layers/activations.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/channel_affine.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/layers/detail/in_order.hpp"
#include "gloro/layers/downsampling.hpp"
#include "gloro/layers/exponential_conv2d.hpp"
#include "gloro/layers/group_sort.hpp"
#include "gloro/layers/householder.hpp"
#include "gloro/layers/l2_pooling2d.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/normalization.hpp"
#include "gloro/layers/parallel.hpp"
#include "gloro/layers/pooling_window.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/layers/scaling.hpp"
#include "gloro/layers/window.hpp"

namespace gloro::detail {

/// Writes layer after layer. Values are batch x channels x height x width, as ONNX has them, or
/// batch x channels after a Dense.
class OnnxLayers {
 public:
  OnnxLayers(OnnxGraph& graph, const std::string& images, const Shape& input)
      : graph_(graph),
        value_(graph.node("Transpose", {images}, {}, {{"perm", {0, 3, 1, 2}}})),
        shape_(input) {}

  [[nodiscard]] const std::string& value() const { return value_; }

  /// Throws ArgumentError for a type that has no form in ONNX.
  void append(const AnyLayer<float>& layer) {
    const Description description = layer.describe();
    const auto& known = writers();
    const auto writer = std::find_if(known.begin(), known.end(), [&](const Writer& each) {
      return each.type == description.type;
    });
    if (writer == known.end())
      throw ArgumentError(message("a layer of type '", description.type, "' has no form in ONNX"));
    DescribedOptions options(description);
    const Shape output = layer.output_shape(shape_);
    if (writer->write)
      (this->*writer->write)(layer, options, output);
    else
      value_ = graph_.node(writer->node, {value_});
    shape_ = output;
  }

  /// The types of layers that have a form in ONNX.
  [[nodiscard]] static std::vector<std::string> types() {
    std::vector<std::string> all;
    for (const Writer& writer : writers()) all.push_back(writer.type);
    return all;
  }

 private:
  using Extents = OnnxGraph::Extents;

  struct Writer {
    std::string type;
    void (OnnxLayers::*write)(const AnyLayer<float>&, DescribedOptions&, const Shape& output);
    std::string node = {};  // without `write`: the one that is all of it
  };

  [[nodiscard]] static const std::vector<Writer>& writers() {
    static const std::vector<Writer> all{
        {Conv2D<float>::type, &OnnxLayers::convolve},
        {Dense<float>::type, &OnnxLayers::multiply},
        {ConvexPotential<float>::type, &OnnxLayers::descend},
        {ExponentialConv2D<float>::type, &OnnxLayers::exponentiate},
        {MinMax<float>::type, &OnnxLayers::sort_pairs},
        {GroupSort<float>::type, &OnnxLayers::sort_groups},
        {Householder<float>::type, &OnnxLayers::reflect},
        {ReLU<float>::type, nullptr, "Relu"},
        {Abs<float>::type, nullptr, "Abs"},
        {LeakyReLU<float>::type, &OnnxLayers::rectify_leakily},
        {Tanh<float>::type, nullptr, "Tanh"},
        {Sigmoid<float>::type, nullptr, "Sigmoid"},
        {ELU<float>::type, &OnnxLayers::take_elu},
        {Softplus<float>::type, &OnnxLayers::take_softplus},
        {Scaling<float>::type, &OnnxLayers::scale},
        {Normalization<float>::type, &OnnxLayers::normalize},
        {ChannelAffine<float>::type, &OnnxLayers::scale_channels},
        {InvertibleDownsampling<float>::type, &OnnxLayers::downsample},
        {AveragePooling2D<float>::type, &OnnxLayers::average},
        {MaxPooling2D<float>::type, &OnnxLayers::take_largest},
        {L2Pooling2D<float>::type, &OnnxLayers::take_norms},
        {Chain<float>::type, &OnnxLayers::append_parts},
        {Residual<float>::type, &OnnxLayers::add_to_input},
        {Parallel<float>::type, &OnnxLayers::join},
    };
    return all;
  }

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

  /// Extents of channels, with those of the image behind them, unless it is flat.
  [[nodiscard]] Extents with_pixels(Extents extents) const {
    if (!is_flat_) extents.insert(extents.end(), {shape_.height, shape_.width});
    return extents;
  }

  void as_image() {
    if (is_flat_) reshape({0, shape_.channels, 1, 1});
    is_flat_ = false;
  }

  /// The value, the weight and, if there is one, the bias of a linear map.
  [[nodiscard]] std::vector<std::string> linear_inputs(const AnyLayer<float>& layer) {
    const auto parameters = layer.parameters();
    const WeightOrder order(*parameters[0]);
    std::vector<std::string> inputs{
        value_, graph_.constant(order.to_file(parameters[0]->value),
                                {order.extents().begin(), order.extents().end()})};
    if (parameters.size() > 1)
      inputs.push_back(graph_.constant(values(*parameters[1]), {parameters[1]->value.size()}));
    return inputs;
  }

  void convolve(const AnyLayer<float>& layer, DescribedOptions& options, const Shape& output) {
    as_image();
    const Window over{options.extent("kernel"), options.extent("stride"),
                      options.padding("padding")};
    value_ =
        graph_.node("Conv", linear_inputs(layer), {}, window(over.on(shape_, output.channels)));
  }

  /// x - h W^T relu(W x + b): ONNX's transposed convolution takes the very weights.
  void descend(const AnyLayer<float>& layer, DescribedOptions& options, const Shape&) {
    as_image();
    const Index hidden = options.number("hidden");
    const std::vector<std::string> inputs = linear_inputs(layer);
    const auto over = window(Window{options.extent("kernel"), 1, Padding::same}.on(shape_, hidden));
    const std::string active = graph_.node("Relu", {graph_.node("Conv", inputs, {}, over)});
    const std::string down = graph_.node("ConvTranspose", {active, inputs[1]}, {}, over);
    const std::string scale = graph_.constant({static_cast<float>(options.real("scale"))}, {1});
    value_ = graph_.node("Sub", {value_, graph_.node("Mul", {down, scale})});
  }

  /// x + A (x + A (x + A (x + A x / 4) / 3) / 2).
  void exponentiate(const AnyLayer<float>& layer, DescribedOptions& options, const Shape& output) {
    as_image();
    const std::string x = value_;
    std::vector<std::string> inputs = linear_inputs(layer);
    const auto over =
        window(Window{options.extent("kernel"), 1, Padding::same}.on(shape_, output.channels));
    for (const int k : {4, 3, 2, 1}) {
      inputs[0] = value_;
      value_ = graph_.node("Conv", inputs, {}, over);
      if (k > 1)
        value_ = graph_.node("Div", {value_, graph_.constant({static_cast<float>(k)}, {1})});
      value_ = graph_.node("Add", {x, value_});
    }
  }

  void multiply(const AnyLayer<float>& layer, DescribedOptions&, const Shape&) {
    if (!is_flat_) value_ = graph_.node("Flatten", {value_}, {{"axis", 1}});
    is_flat_ = true;
    value_ = graph_.node("Gemm", linear_inputs(layer), {{"transB", 1}});
  }

  void rectify_leakily(const AnyLayer<float>&, DescribedOptions& options, const Shape&) {
    const auto slope = static_cast<float>(options.real("slope"));
    value_ = graph_.node("LeakyRelu", {value_}, {}, {}, {{"alpha", slope}});
  }

  void take_elu(const AnyLayer<float>&, DescribedOptions& options, const Shape&) {
    const auto alpha = static_cast<float>(options.real("alpha"));
    value_ = graph_.node("Elu", {value_}, {}, {}, {{"alpha", alpha}});
  }

  /// ONNX's has no beta.
  void take_softplus(const AnyLayer<float>&, DescribedOptions& options, const Shape&) {
    const std::string beta = graph_.constant({static_cast<float>(options.real("beta"))}, {1});
    const std::string inside = graph_.node("Mul", {value_, beta});
    value_ = graph_.node("Div", {graph_.node("Softplus", {inside}), beta});
  }

  void scale(const AnyLayer<float>& layer, DescribedOptions&, const Shape&) {
    value_ = graph_.node("Mul", {value_, graph_.constant(values(*layer.parameters()[0]), {1})});
  }

  void sort_pairs(const AnyLayer<float>&, DescribedOptions& options, const Shape&) {
    const bool adjacent = options.choice("pairs", {"adjacent", "halves"}, 0) == 0;
    const Index half = shape_.channels / 2;
    const std::int64_t axis = adjacent ? 2 : 1;
    reshape(with_pixels({0, adjacent ? half : 2, adjacent ? 2 : half}));
    const auto members = graph_.nodes("Split", {value_}, 2, {{"axis", axis}});
    value_ = graph_.node("Concat", {graph_.node("Min", members), graph_.node("Max", members)},
                         {{"axis", axis}});
    reshape(with_pixels({0, shape_.channels}));
  }

  /// TopK of each whole group, ascending.
  void sort_groups(const AnyLayer<float>&, DescribedOptions& options, const Shape&) {
    const Index given = options.number("group"), group = given == 0 ? shape_.channels : given;
    reshape(with_pixels({0, shape_.channels / group, group}));
    value_ = graph_
                 .nodes("TopK", {value_, graph_.integers({group})}, 2,
                        {{"axis", 2}, {"largest", 0}, {"sorted", 1}})
                 .front();
    reshape(with_pixels({0, shape_.channels}));
  }

  /// (a, b) where a sin(theta / 2) <= b cos(theta / 2), else (a cos + b sin, a sin - b cos).
  void reflect(const AnyLayer<float>& layer, DescribedOptions&, const Shape&) {
    const auto of_theta = [&](double (*function)(double), double part) {
      std::vector<float> each;
      for (const float theta : values(*layer.parameters()[0]))
        each.push_back(static_cast<float>(function(part * static_cast<double>(theta))));
      return graph_.constant(each, per_channel(shape_.channels / 2));
    };
    const auto product = [&](const std::string& x, const std::string& y) {
      return graph_.node("Mul", {x, y});
    };
    const std::string sine = of_theta(std::sin, 1), cosine = of_theta(std::cos, 1);
    const auto half = graph_.nodes("Split", {value_}, 2, {{"axis", 1}});
    const std::string &a = half[0], &b = half[1];
    const std::string turned = graph_.node(
        "Greater", {product(a, of_theta(std::sin, 0.5)), product(b, of_theta(std::cos, 0.5))});
    const std::string first = graph_.node("Add", {product(a, cosine), product(b, sine)});
    const std::string second = graph_.node("Sub", {product(a, sine), product(b, cosine)});
    value_ = graph_.node(
        "Concat",
        {graph_.node("Where", {turned, first, a}), graph_.node("Where", {turned, second, b})},
        {{"axis", 1}});
  }

  void scale_channels(const AnyLayer<float>& layer, DescribedOptions& options, const Shape&) {
    const auto parameters = layer.parameters();
    const auto constant = [&](const Parameter<float>& parameter) {
      return graph_.constant(values(parameter), per_channel(shape_.channels));
    };
    if (options.truth("gain", true))
      value_ = graph_.node("Mul", {value_, constant(*parameters.front())});
    if (options.truth("bias", true))
      value_ = graph_.node("Add", {value_, constant(*parameters.back())});
  }

  /// Extents of one value a channel, for images or flat samples.
  [[nodiscard]] Extents per_channel(Index channels) const {
    return is_flat_ ? Extents{1, channels} : Extents{1, channels, 1, 1};
  }

  void normalize(const AnyLayer<float>&, DescribedOptions& options, const Shape&) {
    const Extents each = per_channel(shape_.channels);
    const std::string shift = graph_.constant(options.values<float>("shift"), each);
    const std::string scale = graph_.constant(options.values<float>("scale"), each);
    value_ = graph_.node("Mul", {graph_.node("Sub", {value_, shift}), scale});
  }

  void downsample(const AnyLayer<float>&, DescribedOptions& options, const Shape& output) {
    const Extent block = options.extent("block");
    as_image();
    reshape({0, shape_.channels, output.height, block.height, output.width, block.width});
    value_ = graph_.node("Transpose", {value_}, {}, {{"perm", {0, 3, 5, 1, 2, 4}}});
    reshape({0, output.channels, output.height, output.width});
  }

  void average(const AnyLayer<float>&, DescribedOptions& options, const Shape& output) {
    const bool mean = options.choice("averaging", {"mean", "scaled"}, 0) == 0;
    const auto over = pooling(options);
    value_ = graph_.node("AveragePool", {value_}, {{"count_include_pad", 0}}, window(over));
    if (mean) return;
    std::vector<float> roots;  // of how many pixels of the image each window has
    for (Index i = 0; i < output.height; ++i)
      for (Index j = 0; j < output.width; ++j)
        roots.push_back(std::sqrt(static_cast<float>(PoolingWindow::rows(over, i).size() *
                                                     PoolingWindow::columns(over, j).size())));
    value_ =
        graph_.node("Mul", {value_, graph_.constant(roots, {1, 1, output.height, output.width})});
  }

  void take_largest(const AnyLayer<float>&, DescribedOptions& options, const Shape&) {
    value_ = graph_.node("MaxPool", {value_}, {}, window(pooling(options)));
  }

  void take_norms(const AnyLayer<float>&, DescribedOptions& options, const Shape&) {
    value_ = graph_.node("LpPool", {value_}, {{"p", 2}}, window(pooling(options)));
  }

  [[nodiscard]] kernels::ConvolutionGeometry pooling(DescribedOptions& options) {
    as_image();
    return PoolingWindow(PoolingWindow::from(options)).on(shape_);
  }

  void append_parts(const AnyLayer<float>& layer, DescribedOptions&, const Shape&) {
    for (const Part<float>& part : layer.parts(shape_))
      in_part([&] { append(*part.layer); }, part.name);
  }

  void add_to_input(const AnyLayer<float>& layer, DescribedOptions& options, const Shape& output) {
    std::vector<Value> both{{value_, is_flat_}};
    append_parts(layer, options, output);
    both.push_back({value_, is_flat_});
    value_ = graph_.node("Add", alike(both));
  }

  void join(const AnyLayer<float>& layer, DescribedOptions&, const Shape& output) {
    const Shape input = shape_;
    const Value from{value_, is_flat_};
    std::vector<Value> outputs;
    for (const Part<float>& part : layer.parts(input)) {
      shape_ = input;
      value_ = from.name;
      is_flat_ = from.is_flat;
      in_part([&] { append(*part.layer); }, part.name);
      outputs.push_back({value_, is_flat_});
    }
    const auto names = alike(outputs);
    if (layer.as<Parallel<float>>()->join() == Join::concatenate) {
      value_ = graph_.node("Concat", names, {{"axis", 1}});
    } else {
      value_ = names.front();
      for (std::size_t b = 1; b < names.size(); ++b)
        value_ = graph_.node("Add", {value_, names[b]});
    }
    shape_ = output;
  }

  struct Value {
    std::string name;
    bool is_flat;
  };

  /// The names, all flat if one of them is: they are of one pixel then.
  [[nodiscard]] std::vector<std::string> alike(const std::vector<Value>& values) {
    is_flat_ =
        std::any_of(values.begin(), values.end(), [](const Value& value) { return value.is_flat; });
    std::vector<std::string> names;
    for (const Value& value : values)
      names.push_back(is_flat_ && !value.is_flat
                          ? graph_.node("Flatten", {value.name}, {{"axis", 1}})
                          : value.name);
    return names;
  }

  OnnxGraph& graph_;
  std::string value_;
  Shape shape_;           // of a sample
  bool is_flat_ = false;  // batch x channels
};

}  // namespace gloro::detail
