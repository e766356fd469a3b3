// WeightOrder: how a parameter lies in a model file. The library holds weights as outputs x inputs,
// an input being a pixel's channels after another (height, width, channels); PyTorch, and so the
// file, has the channels first (out, in, height, width), and flattens an image in that order before
// a Dense.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/parameter.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/layers/layer.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro {

class WeightOrder {
 public:
  /// A matrix whose rows are images of shape `row`, with the file's `extents`.
  WeightOrder(Index rows, Shape row, std::vector<Index> extents)
      : rows_(rows), row_(row), extents_(std::move(extents)) {}

  [[nodiscard]] const std::vector<Index>& extents() const { return extents_; }

  template <typename Scalar>
  [[nodiscard]] std::vector<Scalar> to_file(const Matrix<Scalar>& matrix) const {
    std::vector<Scalar> values(static_cast<std::size_t>(matrix.size()));
    for_each([&](std::size_t at, Index row, Index column) { values[at] = matrix(row, column); });
    return values;
  }

  template <typename Scalar>
  void from_file(const Scalar* values, Matrix<Scalar>& matrix) const {
    for_each([&](std::size_t at, Index row, Index column) { matrix(row, column) = values[at]; });
  }

 private:
  /// Calls visit(place in the file, row, column) for every value.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    std::size_t at = 0;
    for (Index row = 0; row < rows_; ++row)
      for (Index channel = 0; channel < row_.channels; ++channel)
        for (Index y = 0; y < row_.height; ++y)
          for (Index x = 0; x < row_.width; ++x)
            visit(at++, row, (y * row_.width + x) * row_.channels + channel);
  }

  Index rows_;
  Shape row_;
  std::vector<Index> extents_;
};

/// The order of the `weight` of a layer between samples of these shapes, if it is one whose inputs
/// are pixels: (out, in, kernel height, kernel width) for a convolution and the inner one of a
/// convex potential layer, (out, in) for a Dense.
[[nodiscard]] inline std::optional<WeightOrder> weight_order(const Description& layer,
                                                             const Shape& input,
                                                             const Shape& output) {
  Index rows = output.channels;
  if (layer.type == "dense") return WeightOrder(rows, input, {rows, input.size()});
  if (layer.type != "conv2d" && layer.type != "convex_potential") return std::nullopt;
  for (const auto& [name, value] : layer.options)
    if (name == "hidden") {
      rows = std::get<Index>(value);
    } else if (name == "kernel") {
      const auto& kernel = std::get<std::vector<Index>>(value);
      return WeightOrder(rows, {kernel[0], kernel[1], input.channels},
                         {rows, input.channels, kernel[0], kernel[1]});
    }
  return std::nullopt;
}

/// The order of any parameter of layer `l` of a model; a plain vector or matrix where it is no
/// weight.
template <typename Scalar>
[[nodiscard]] WeightOrder order_in(const GloroModel<Scalar>& model, std::size_t l,
                                   const Parameter<Scalar>& parameter) {
  const Shape& input = l == 0 ? model.input_shape() : model.output_shape(l - 1);
  if (parameter.name == "weight")
    if (auto order = weight_order(model.layers()[l].describe(), input, model.output_shape(l)))
      return *std::move(order);
  const Index rows = parameter.value.rows(), columns = parameter.value.cols();
  if (columns == 1) return WeightOrder(rows, Shape::flat(1), {rows});
  return WeightOrder(rows, Shape::flat(columns), {rows, columns});
}

}  // namespace gloro
