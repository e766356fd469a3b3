// The bodies of architecture.hpp.
#pragma once

#include "gloro/wording/architecture.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <vector>

#include "gloro/layers/activations.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/group_sort.hpp"
#include "gloro/layers/householder.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/orthogonal_dense.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/residual_conv2d.hpp"
#include "gloro/wording/misread.hpp"

namespace gloro {

namespace detail {

/// One layer of the spelled form.
struct SpelledLayer {
  enum class Kind { convolution, dense, orthogonal, residual, potential };
  Kind kind = Kind::dense;
  Index width = 0;  // filters or units
  Index kernel = 1;
  Index stride = 1;
};

[[nodiscard]] inline std::vector<SpelledLayer> read_spelled(std::string_view text) {
  const auto refuse = [&] {
    throw misread(
        "architecture", text,
        "2C2F, 2C2F-L, 4C3F, 6C2F, 8C2F, LiResNet-S, CPL-S or layers joined by dots: "
        "(filters,kernel[,stride]) for a convolution, a number for a dense layer, o and a number "
        "for an orthogonal one, r and a kernel for a residual convolution, p and a kernel for a "
        "convex potential layer, "
        "such as (32,3).r3.(32,4,2).512; before it minmax_, relu_, abs_, fullsort_ or "
        "householder_ for the activation");
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
      layer.kind = SpelledLayer::Kind::convolution;
      layer.width = number();
      if (!skip(',')) refuse();
      layer.kernel = number();
      if (skip(',')) layer.stride = number();
      if (!skip(')')) refuse();
    } else if (skip('r')) {
      layer.kind = SpelledLayer::Kind::residual;
      layer.kernel = number();
    } else if (skip('p')) {
      layer.kind = SpelledLayer::Kind::potential;
      layer.kernel = number();
    } else {
      if (skip('o')) layer.kind = SpelledLayer::Kind::orthogonal;
      layer.width = number();
    }
    layers.push_back(layer);
  } while (skip('.'));
  if (!rest.empty()) refuse();
  return layers;
}

/// The activation that the name begins with, which is taken off it; MinMax if it begins with none.
template <std::floating_point Scalar>
[[nodiscard]] AnyLayer<Scalar> read_activation(std::string_view& name) {
  const auto skip = [&](std::string_view prefix) {
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    return true;
  };
  if (skip("relu_")) return ReLU<Scalar>();
  if (skip("abs_")) return Abs<Scalar>();
  if (skip("fullsort_")) return GroupSort<Scalar>();
  if (skip("householder_")) return Householder<Scalar>();
  (void)skip("minmax_");
  return MinMax<Scalar>();
}

/// The layer itself, without what follows it.
template <std::floating_point Scalar>
[[nodiscard]] AnyLayer<Scalar> spelled_layer(const SpelledLayer& layer, Initializer initializer) {
  switch (layer.kind) {
    case SpelledLayer::Kind::convolution:
      return Conv2D<Scalar>({.filters = layer.width,
                             .kernel = layer.kernel,
                             .stride = layer.stride,
                             .initializer = initializer});
    case SpelledLayer::Kind::residual:
      return ResidualConv2D<Scalar>({.kernel = layer.kernel, .initializer = initializer});
    case SpelledLayer::Kind::potential:
      return ConvexPotential<Scalar>({.kernel = layer.kernel, .initializer = initializer});
    case SpelledLayer::Kind::orthogonal:
      return OrthogonalDense<Scalar>(layer.width);
    case SpelledLayer::Kind::dense:
      break;
  }
  return Dense<Scalar>({.units = layer.width, .initializer = initializer});
}

}  // namespace detail

template <std::floating_point Scalar>
std::vector<AnyLayer<Scalar>> read_architecture(std::string_view name, Index classes,
                                                Initializer initializer) {
  // The last two keep to extents whose norms are bounded to within some millionths (32 channels on
  // 16 x 16 pixels, 64 on 8 x 8): they have many layers, and each one's excess counts.
  static constexpr std::array<std::array<std::string_view, 2>, 7> known_names{{
      {"2C2F", "(16,4,2).(32,4,2).100"},
      {"2C2F-L", "(32,4,2).(64,4,2).256"},
      {"4C3F", "(32,3).(32,4,2).(64,3).(64,4,2).512.512"},
      {"6C2F", "(32,3).(32,3).(32,4,2).(64,3).(64,3).(64,4,2).512"},
      {"8C2F", "(64,3).(64,3).(64,4,2).(128,3).(128,3).(128,4,2).(256,3).(256,4,2).256"},
      {"LiResNet-S", "(32,4,2).r3.r3.r3.r3.(64,4,2).r3.r3.r3.r3.512"},
      {"CPL-S", "(32,4,2).p3.p3.p3.p3.(64,4,2).p3.p3.p3.p3.512.p1.p1"},
  }};
  std::string_view spelled = name;
  const AnyLayer<Scalar> activation = detail::read_activation<Scalar>(spelled);
  if (spelled.starts_with("cnn_")) spelled.remove_prefix(4);
  for (const auto& [known, layers] : known_names)
    if (spelled == known) spelled = layers;

  std::vector<AnyLayer<Scalar>> network;
  for (const detail::SpelledLayer& layer : detail::read_spelled(spelled)) {
    network.push_back(detail::spelled_layer<Scalar>(layer, initializer));
    if (layer.kind != detail::SpelledLayer::Kind::potential) network.push_back(activation);
  }
  network.emplace_back(Dense<Scalar>({.units = classes, .initializer = initializer}));
  return network;
}

#ifdef GLORO_COMPILING
template std::vector<AnyLayer<float>> read_architecture<float>(std::string_view, Index,
                                                               Initializer);
template std::vector<AnyLayer<double>> read_architecture<double>(std::string_view, Index,
                                                                 Initializer);
#endif

}  // namespace gloro
