// The bodies of products.hpp.
#pragma once

#include "gloro/train/products.hpp"

#include <optional>
#include <string>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"

namespace gloro {

GLORO_INLINE std::optional<kernels::bfloat16::Unit> unit_of(Products products) {
  using kernels::bfloat16::Unit;
  if (products == Products::scalar) return std::nullopt;
  if (products == Products::bfloat16_plain) return Unit::plain;
  const Unit best = kernels::bfloat16::best_unit();
  if (products == Products::automatic)
    return kernels::bfloat16::pays(best) ? std::optional(best) : std::nullopt;
  if (best != Unit::plain) return best;
  throw Error(
      "this processor has no unit for products in bfloat16 (AMX, AVX512-BF16 or ARM's BF16): train "
      "with products in float, or ask for bfloat16 only where there is one");
}

GLORO_INLINE std::string text_of(Products products) {
  const auto unit = unit_of(products);
  return unit ? message("bfloat16 by ", name_of(*unit)) : "the model's precision";
}

}  // namespace gloro
