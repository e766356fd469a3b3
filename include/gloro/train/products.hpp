// Products: what the products of a training pass are taken in. Weights, gradients, sums, losses, Lipschitz
// constants, the optimizer and every evaluation are in the model's own precision whatever is chosen
// here, and certificates are made in another wing of the house: none rests on a product in bfloat16.
#pragma once

#include <concepts>
#include <optional>
#include <string>

namespace gloro {

namespace kernels::bfloat16 {
enum class Unit;  // unit.hpp
}

enum class Products {
  scalar,     ///< in the model's precision, as everywhere
  bfloat16,   ///< in bfloat16 by the processor's own unit; an error where it has none
  automatic,  ///< in bfloat16 where the processor has a unit that is faster so, else as `scalar`
  bfloat16_plain  ///< in bfloat16 by plain C++ on any machine: for comparisons, slow
};

/// What multiplies bfloat16 on this machine under that choice, for a model in float or in double; nothing if
/// products are not in it, as `automatic` ones of a model in double. Throws Error if the machine has no such unit,
/// ArgumentError for a model in double.
template <std::floating_point Scalar = float>
[[nodiscard]] std::optional<kernels::bfloat16::Unit> unit_of(Products products);

/// By which two runs are told apart: each unit rounds in its own way.
template <std::floating_point Scalar = float>
[[nodiscard]] std::string text_of(Products products);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/products.ipp"
#endif
