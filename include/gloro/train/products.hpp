// Products: what the products of a training pass are taken in. Weights, gradients, sums, losses, Lipschitz
// constants, the optimizer and every evaluation are in the model's own precision whatever is chosen
// here, and certificates are made in another wing of the house: none rests on a product in bfloat16.
#pragma once

#include <optional>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"

namespace gloro {

enum class Products {
  scalar,     ///< in the model's precision, as everywhere
  bfloat16,   ///< in bfloat16 by the processor's own unit; an error where it has none
  automatic,  ///< in bfloat16 where the processor has a unit that is faster so, else as `scalar`
  bfloat16_plain  ///< in bfloat16 by plain C++ on any machine: for comparisons, slow
};

/// What multiplies bfloat16 on this machine under that choice; nothing if products are not in it. Throws
/// Error if it has no such unit.
[[nodiscard]] inline std::optional<kernels::bfloat16::Unit> unit_of(Products products) {
  using kernels::bfloat16::Unit;
  if (products == Products::scalar) return std::nullopt;
  if (products == Products::bfloat16_plain) return Unit::plain;
  const Unit best = kernels::bfloat16::best_unit();
  if (products == Products::automatic)
    return kernels::bfloat16::pays(best) ? std::optional(best) : std::nullopt;
  if (best != Unit::plain) return best;
  throw Error(
      "this processor has no unit for products in bfloat16 (AMX or AVX512-BF16): train with "
      "products in float, or ask for bfloat16 only where there is one");
}

/// By which two runs are told apart: each unit rounds in its own way.
[[nodiscard]] inline std::string text_of(Products products) {
  const auto unit = unit_of(products);
  return unit ? message("bfloat16 by ", name_of(*unit)) : "the model's precision";
}

}  // namespace gloro
