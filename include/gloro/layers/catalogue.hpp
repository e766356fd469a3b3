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

#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/described_options.hpp"
#include "gloro/layers/description.hpp"

namespace gloro {

class Catalogue {
 public:
  /// The layers that the library brings.
  [[nodiscard]] static const Catalogue& ours();

  /// The same with one more, in both precisions. Throws ArgumentError if there is one of that type.
  template <typename InFloat, typename InDouble>
  [[nodiscard]] Catalogue with() const {
    return with(
        {InFloat::type,
         [](DescribedOptions& options) -> AnyLayer<float> { return InFloat::from(options); },
         [](DescribedOptions& options) -> AnyLayer<double> { return InDouble::from(options); }});
  }

  /// In the order in which they were added.
  [[nodiscard]] std::vector<std::string> types() const;

  /// The layer that describes itself as `description`, not yet placed. Throws ArgumentError, by name,
  /// for a type that is not in the catalogue, and for an option that the type does not know, lacks or
  /// takes otherwise.
  template <std::floating_point Scalar>
  [[nodiscard]] AnyLayer<Scalar> make(const Description& description) const {
    return make<Scalar>(description, 0);
  }

 private:
  friend class DescribedOptions;  // for layers that are made of layers

  struct Kind {
    std::string type;
    AnyLayer<float> (*in_float)(DescribedOptions&);
    AnyLayer<double> (*in_double)(DescribedOptions&);
  };

  [[nodiscard]] Catalogue with(const Kind& kind) const;

  /// `depth`: of the layer inside others.
  template <std::floating_point Scalar>
  [[nodiscard]] AnyLayer<Scalar> make(const Description& description, int depth) const;

  std::vector<Kind> kinds_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/catalogue.ipp"
#endif
