// What is done with layers in a row, those of a model or of a layer made of layers, one at a time.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/parameter.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/part.hpp"

namespace gloro::detail {

/// Says where it was (`where`, anything printable) in what `body` throws; a ShapeError and an ArgumentError
/// stay such.
template <typename Body, typename... Where>
decltype(auto) in_part(const Body& body, const Where&... where) {
  try {
    return body();
  } catch (const ShapeError& error) {
    throw ShapeError(message(where..., ": ", error.what()));
  } catch (const ArgumentError& error) {
    throw ArgumentError(message(where..., ": ", error.what()));
  } catch (const Error& error) {
    throw Error(message(where..., ": ", error.what()));
  }
}

/// The same for a layer of a model.
template <typename Body>
void in_layer(std::size_t l, const Body& body) {
  in_part(body, "layer ", l);
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

/// Calls visit(name, layer, input) for the layer and all that it is made of, a part after what it is a part
/// of; `name` with a dot before each part's.
template <std::floating_point Scalar, typename Visit>
void for_each_part(const std::string& name, const AnyLayer<Scalar>& layer, const Shape& input,
                   const Visit& visit) {
  visit(name, layer, input);
  for (const Part<Scalar>& part : layer.parts(input))
    for_each_part(name + '.' + part.name, *part.layer, part.input, visit);
}

/// Of the layer's parameters, in their order: `name` and a dot before each, and what it is a part of.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<std::string> parameter_names(const std::string& name,
                                                       const AnyLayer<Scalar>& layer,
                                                       const Shape& input) {
  std::vector<std::string> names;
  for_each_part(name, layer, input, [&](const std::string& path, const auto& one, const Shape& on) {
    if (one.parts(on).empty())
      for (const auto* parameter : one.parameters()) names.push_back(path + '.' + parameter->name);
  });
  return names;
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
