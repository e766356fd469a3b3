// The bodies of catalogue.hpp.
#pragma once

#include "gloro/layers/catalogue.hpp"

#include <algorithm>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/layers/activations.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/chain.hpp"
#include "gloro/layers/channel_affine.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
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
#include "gloro/layers/relu.hpp"
#include "gloro/layers/residual.hpp"
#include "gloro/layers/scaling.hpp"

namespace gloro {

GLORO_INLINE const Catalogue& Catalogue::ours() {
  static const Catalogue all =
      Catalogue()
          .with<Conv2D<float>, Conv2D<double>>()
          .with<Dense<float>, Dense<double>>()
          .with<ExponentialConv2D<float>, ExponentialConv2D<double>>()
          .with<ConvexPotential<float>, ConvexPotential<double>>()
          .with<MinMax<float>, MinMax<double>>()
          .with<GroupSort<float>, GroupSort<double>>()
          .with<Householder<float>, Householder<double>>()
          .with<ReLU<float>, ReLU<double>>()
          .with<Abs<float>, Abs<double>>()
          .with<LeakyReLU<float>, LeakyReLU<double>>()
          .with<Tanh<float>, Tanh<double>>()
          .with<Sigmoid<float>, Sigmoid<double>>()
          .with<ELU<float>, ELU<double>>()
          .with<Softplus<float>, Softplus<double>>()
          .with<Scaling<float>, Scaling<double>>()
          .with<Normalization<float>, Normalization<double>>()
          .with<ChannelAffine<float>, ChannelAffine<double>>()
          .with<InvertibleDownsampling<float>, InvertibleDownsampling<double>>()
          .with<AveragePooling2D<float>, AveragePooling2D<double>>()
          .with<MaxPooling2D<float>, MaxPooling2D<double>>()
          .with<L2Pooling2D<float>, L2Pooling2D<double>>()
          .with<Chain<float>, Chain<double>>()
          .with<Residual<float>, Residual<double>>()
          .with<Parallel<float>, Parallel<double>>();
  return all;
}

GLORO_INLINE std::vector<std::string> Catalogue::types() const {
  std::vector<std::string> all;
  for (const Kind& kind : kinds_) all.push_back(kind.type);
  return all;
}

// Here and not in described_options.ipp, which all layers include: a catalogue includes all layers.
template <std::floating_point Scalar>
std::vector<AnyLayer<Scalar>> DescribedOptions::layers(std::string_view name) {
  const auto& value = required(name);
  const auto* list = std::get_if<std::vector<Description>>(&value);
  if (const auto* none = std::get_if<std::vector<Index>>(&value); none && none->empty()) return {};
  if (!list) refuse(name, "a list of layers");
  if (depth_ >= deepest)
    throw ArgumentError(message("layers are made of layers ", deepest, " deep at most"));
  if (!catalogue_)
    throw ArgumentError(message(description_.type, " is made of layers: it takes a catalogue"));
  std::vector<AnyLayer<Scalar>> layers;
  for (const Description& each : *list)
    layers.push_back(detail::in_part([&] { return catalogue_->make<Scalar>(each, depth_ + 1); },
                                     name, '.', layers.size()));
  return layers;
}

template <std::floating_point Scalar>
AnyLayer<Scalar> Catalogue::make(const Description& description, int depth) const {
  std::string known;
  for (const Kind& kind : kinds_) {
    known += (known.empty() ? "" : ", ") + kind.type;
    if (kind.type != description.type) continue;
    DescribedOptions options(description, this, depth);
    AnyLayer<Scalar> layer = [&] {
      if constexpr (std::same_as<Scalar, float>)
        return kind.in_float(options);
      else
        return kind.in_double(options);
    }();
    options.expect_no_more();
    return layer;
  }
  throw ArgumentError(message("unknown layer type '", description.type, "'; known are ", known));
}

GLORO_INLINE Catalogue Catalogue::with(const Kind& kind) const {
  const auto known = types();
  if (std::find(known.begin(), known.end(), kind.type) != known.end())
    throw ArgumentError(message("there is a layer of type '", kind.type, "' already"));
  Catalogue more = *this;
  more.kinds_.push_back(kind);
  return more;
}

#ifdef GLORO_COMPILING
template std::vector<AnyLayer<float>> DescribedOptions::layers<float>(std::string_view);
template std::vector<AnyLayer<double>> DescribedOptions::layers<double>(std::string_view);
template AnyLayer<float> Catalogue::make<float>(const Description&, int) const;
template AnyLayer<double> Catalogue::make<double>(const Description&, int) const;
#endif

}  // namespace gloro
