// DescribedOptions: a description read back, option by option; what `from` of a layer is given.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/layers/description.hpp"
#include "gloro/layers/window.hpp"

namespace gloro {

class Catalogue;
template <std::floating_point Scalar>
class AnyLayer;

/// Hands out the options of a description, each by name and type; throws ArgumentError for one that
/// is missing, of another type, out of range, or, at the end, not known to the layer.
class DescribedOptions {
 public:
  /// How deep layers may be made of layers: a reader of files goes as deep, and so does its stack.
  static constexpr int deepest = 16;

  /// `catalogue`: of what layers that are made of layers may be; null: of none. `depth`: of the layer
  /// inside others.
  explicit DescribedOptions(const Description& description, const Catalogue* catalogue = nullptr,
                            int depth = 0);

  /// A whole number in [0, 2^24]: beyond any layer that fits into memory, and safe to multiply.
  [[nodiscard]] Index number(std::string_view name);
  [[nodiscard]] bool truth(std::string_view name, bool otherwise);
  /// A finite number. A whole one is taken as far as float holds them all: beyond that, 16777217 say,
  /// it is written with a point, and is rounded to the file's precision like any other.
  [[nodiscard]] double real(std::string_view name);
  /// One number for both directions, or a list of two.
  [[nodiscard]] Extent extent(std::string_view name);
  /// "same", "valid", or [top, bottom, left, right].
  [[nodiscard]] Padding padding(std::string_view name);
  /// One of the words, by position; `otherwise` where the option is absent.
  [[nodiscard]] std::size_t choice(std::string_view name, const std::vector<std::string>& words,
                                   std::size_t otherwise);
  /// Finite numbers, each as real() takes it.
  template <typename Scalar>
  [[nodiscard]] std::vector<Scalar> values(std::string_view name);

  /// Layers, by their descriptions and the catalogue, not yet placed. Its body is in catalogue.ipp.
  template <std::floating_point Scalar>
  [[nodiscard]] std::vector<AnyLayer<Scalar>> layers(std::string_view name);

  /// Throws for an option that nobody asked for.
  void expect_no_more() const;

 private:
  [[nodiscard]] const Description::Value* find(std::string_view name);
  [[nodiscard]] const Description::Value& required(std::string_view name);
  [[nodiscard]] Index in_range(std::string_view name, Index value) const;
  [[nodiscard]] double as_real(std::string_view name, Index whole) const;
  [[noreturn]] void refuse(std::string_view name, std::string_view expected) const;

  const Description& description_;
  const Catalogue* catalogue_;
  int depth_;
  std::vector<bool> used_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/layers/described_options.ipp"
#endif
