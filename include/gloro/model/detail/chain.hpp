// What is done with a chain of layers, one layer at a time.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

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

/// Of the first `end` factors, but for one. In double: small and large layers must not meet the ends of
/// float.
template <std::floating_point Scalar>
[[nodiscard]] Scalar product_without(const std::vector<Scalar>& factors, std::size_t end,
                                     std::size_t left_out = std::size_t(-1)) {
  double product = 1;
  for (std::size_t l = 0; l < end; ++l)
    if (l != left_out) product *= static_cast<double>(factors[l]);
  return static_cast<Scalar>(product);
}

}  // namespace gloro::detail
