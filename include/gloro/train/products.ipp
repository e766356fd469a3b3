// The bodies of products.hpp.
#pragma once

#include "gloro/train/products.hpp"

#include <concepts>
#include <optional>
#include <string>

#include "gloro/core/error.hpp"
#include "gloro/kernels/bfloat16/unit.hpp"

namespace gloro {

template <std::floating_point Scalar>
std::optional<kernels::bfloat16::Unit> unit_of(Products products) {
  using kernels::bfloat16::Unit;
  if (products == Products::scalar) return std::nullopt;
  if (!std::same_as<Scalar, float>) {
    if (products == Products::automatic) return std::nullopt;
    throw ArgumentError("a model in double has no products in bfloat16: train one in float");
  }
  if (products == Products::bfloat16_plain) return Unit::plain;
  const Unit best = kernels::bfloat16::best_unit();
  if (products == Products::automatic)
    return kernels::bfloat16::pays(best) ? std::optional(best) : std::nullopt;
  if (best != Unit::plain) return best;
  throw Error(
      "this processor has no unit for products in bfloat16 (AMX, AVX512-BF16 or ARM's BF16): train "
      "with products in float, or ask for bfloat16 only where there is one");
}

template <std::floating_point Scalar>
std::string text_of(Products products) {
  const auto unit = unit_of<Scalar>(products);
  return unit ? message("bfloat16 by ", name_of(*unit)) : "the model's precision";
}

#ifdef GLORO_COMPILING
template std::optional<kernels::bfloat16::Unit> unit_of<float>(Products);
template std::optional<kernels::bfloat16::Unit> unit_of<double>(Products);
template std::string text_of<float>(Products);
template std::string text_of<double>(Products);
#endif

}  // namespace gloro
