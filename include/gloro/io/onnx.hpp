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
#include "gloro/core/number.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/io/detail/onnx_graph.hpp"
#include "gloro/io/detail/onnx_layers.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/guarantee.hpp"

namespace gloro {

namespace detail {

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

  const std::string reach = graph.node("Add", {logits, graph.node("Mul", {number(epsilon), k})});
  const std::string bottom = graph.node("ReduceMax", {graph.node("Where", {own, none, reach})},
                                        {{"keepdims", 0}}, {{"axes", {1}}});
  graph.output(graph.node("Where", {finite_flat, bottom, infinity}), "bottom", {-1},
               "the bottom logit: the top class stands if its logit is above it");

  const std::string best = graph.node("ReduceMax", {logits}, {{"keepdims", 1}}, {{"axes", {1}}});
  const std::string margin = graph.node("Sub", {best, logits});
  const std::string leads = graph.node("And", {graph.node("Greater", {margin, zero}), finite});
  const std::string reaches = graph.node("Where", {leads, graph.node("Div", {margin, k}), zero});
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
                                certifier.guarantee().text(),
                                ": export Certifier(model, "
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
