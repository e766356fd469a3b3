// Architectures by name: the paper's (2C2F, 4C3F, 6C2F, 8C2F) and a spelled form for others.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/minmax.hpp"

namespace gloro {

namespace detail {

/// One layer of the spelled form.
struct SpelledLayer {
  Index width = 0;   // filters or units
  Index kernel = 0;  // 0: dense
  Index stride = 1;
};

[[nodiscard]] inline std::vector<SpelledLayer> read_spelled(std::string_view text) {
  const auto refuse = [&] {
    throw ArgumentError(message(
        "unknown architecture '", text,
        "': expected 2C2F, 4C3F, 6C2F, 8C2F or layers joined by dots, (filters,kernel[,stride]) for a "
        "convolution and a number for a dense layer, such as (32,3).(32,4,2).512"));
  };
  std::vector<SpelledLayer> layers;
  std::string_view rest = text;
  const auto number = [&] {
    Index value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc{} || value < 1) refuse();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return value;
  };
  const auto skip = [&](char expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(1);
    return true;
  };
  do {
    SpelledLayer layer;
    if (skip('(')) {
      layer.width = number();
      if (!skip(',')) refuse();
      layer.kernel = number();
      if (skip(',')) layer.stride = number();
      if (!skip(')')) refuse();
    } else {
      layer.width = number();
    }
    layers.push_back(layer);
  } while (skip('.'));
  if (!rest.empty()) refuse();
  return layers;
}

}  // namespace detail

/// The layers of a named architecture with MinMax after each and a head for `classes` classes. Names
/// may carry the original package's prefix (`minmax_cnn_4C3F`). Throws ArgumentError for other names.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<AnyLayer<Scalar>> architecture(
    std::string_view name, Index classes, Initializer initializer = Initializer::orthogonal) {
  static constexpr std::array<std::array<std::string_view, 2>, 4> published{{
      {"2C2F", "(16,4,2).(32,4,2).100"},
      {"4C3F", "(32,3).(32,4,2).(64,3).(64,4,2).512.512"},
      {"6C2F", "(32,3).(32,3).(32,4,2).(64,3).(64,3).(64,4,2).512"},
      {"8C2F", "(64,3).(64,3).(64,4,2).(128,3).(128,3).(128,4,2).(256,3).(256,4,2).256"},
  }};
  std::string_view spelled = name;
  for (const std::string_view prefix : {"minmax_", "cnn_"})
    if (spelled.starts_with(prefix)) spelled.remove_prefix(prefix.size());
  for (const auto& [known, layers] : published)
    if (spelled == known) spelled = layers;

  std::vector<AnyLayer<Scalar>> network;
  for (const detail::SpelledLayer& layer : detail::read_spelled(spelled)) {
    if (layer.kernel > 0)
      network.emplace_back(Conv2D<Scalar>({.filters = layer.width,
                                           .kernel = layer.kernel,
                                           .stride = layer.stride,
                                           .initializer = initializer}));
    else
      network.emplace_back(Dense<Scalar>({.units = layer.width, .initializer = initializer}));
    network.emplace_back(MinMax<Scalar>());
  }
  network.emplace_back(Dense<Scalar>({.units = classes, .initializer = initializer}));
  return network;
}

}  // namespace gloro
