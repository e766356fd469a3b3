// Catalogue: the layers that a model file may name, and how each is made from its description. It has
// the library's own to begin with; a program adds its own, and hands the catalogue to load_model:
//
//   template <std::floating_point Scalar>
//   class Squash {
//    public:
//     static constexpr const char* type = "squash";            // what describe() says, too
//     static Squash from(DescribedOptions& options);           // beside describe(): two ends of one format
//     ...
//   };
//   const Catalogue catalogue = Catalogue::ours().with<Squash<float>, Squash<double>>();
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/convex_potential.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/downsampling.hpp"
#include "gloro/layers/max_pooling2d.hpp"
#include "gloro/layers/minmax.hpp"
#include "gloro/layers/normalization.hpp"
#include "gloro/layers/relu.hpp"
#include "gloro/layers/scaling.hpp"

namespace gloro {

class Catalogue {
 public:
  /// The layers that the library brings.
  [[nodiscard]] static const Catalogue& ours() {
    static const Catalogue all =
        Catalogue()
            .with<Conv2D<float>, Conv2D<double>>()
            .with<Dense<float>, Dense<double>>()
            .with<ConvexPotential<float>, ConvexPotential<double>>()
            .with<MinMax<float>, MinMax<double>>()
            .with<ReLU<float>, ReLU<double>>()
            .with<Scaling<float>, Scaling<double>>()
            .with<Normalization<float>, Normalization<double>>()
            .with<InvertibleDownsampling<float>, InvertibleDownsampling<double>>()
            .with<AveragePooling2D<float>, AveragePooling2D<double>>()
            .with<MaxPooling2D<float>, MaxPooling2D<double>>();
    return all;
  }

  /// The same with one more, in both precisions. Throws ArgumentError if there is one of that type.
  template <typename InFloat, typename InDouble>
  [[nodiscard]] Catalogue with() const {
    const std::string type = InFloat::type;
    const auto known = types();
    if (std::find(known.begin(), known.end(), type) != known.end())
      throw ArgumentError(message("there is a layer of type '", type, "' already"));
    Catalogue more = *this;
    more.kinds_.push_back(
        {type, [](DescribedOptions& options) -> AnyLayer<float> { return InFloat::from(options); },
         [](DescribedOptions& options) -> AnyLayer<double> { return InDouble::from(options); }});
    return more;
  }

  /// In the order in which they were added.
  [[nodiscard]] std::vector<std::string> types() const {
    std::vector<std::string> all;
    for (const Kind& kind : kinds_) all.push_back(kind.type);
    return all;
  }

  /// The layer that describes itself as `description`, not yet placed. Throws ArgumentError, by name,
  /// for a type that is not in the catalogue, and for an option that the type does not know, lacks or
  /// takes otherwise.
  template <std::floating_point Scalar>
  [[nodiscard]] AnyLayer<Scalar> make(const Description& description) const {
    std::string known;
    for (const Kind& kind : kinds_) {
      known += (known.empty() ? "" : ", ") + kind.type;
      if (kind.type != description.type) continue;
      DescribedOptions options(description);
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

 private:
  struct Kind {
    std::string type;
    std::function<AnyLayer<float>(DescribedOptions&)> in_float;
    std::function<AnyLayer<double>(DescribedOptions&)> in_double;
  };

  std::vector<Kind> kinds_;
};

}  // namespace gloro
