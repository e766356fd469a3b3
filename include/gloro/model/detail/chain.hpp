// What is done with a chain of layers, one layer at a time.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/layers/any_layer.hpp"

namespace gloro::detail {

/// Names the layer in what `body` throws; a ShapeError stays one.
template <typename Body>
void in_layer(std::size_t l, const Body& body) {
  try {
    body();
  } catch (const ShapeError& error) {
    throw ShapeError(message("layer ", l, ": ", error.what()));
  } catch (const Error& error) {
    throw Error(message("layer ", l, ": ", error.what()));
  }
}

/// The views of `layer`, which end at `end`; moves `end` to their beginning.
template <std::floating_point Scalar>
[[nodiscard]] std::span<GradientView<Scalar>> take_back(std::span<GradientView<Scalar>> gradients,
                                                        std::size_t& end,
                                                        const AnyLayer<Scalar>& layer) {
  if (gradients.empty()) return {};
  const std::size_t count = layer.parameters().size();
  end -= count;
  return gradients.subspan(end, count);
}

}  // namespace gloro::detail
