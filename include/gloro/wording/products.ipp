// The bodies of products.hpp.
#pragma once

#include "gloro/wording/products.hpp"

#include <string_view>

#include "gloro/core/compiled.hpp"
#include "gloro/wording/misread.hpp"

namespace gloro {

GLORO_INLINE Products read_products(std::string_view text) {
  if (text == "float") return Products::scalar;
  if (text == "bfloat16") return Products::bfloat16;
  if (text == "auto") return Products::automatic;
  if (text == "bfloat16_plain") return Products::bfloat16_plain;
  throw misread("products", text, "float, bfloat16, auto or bfloat16_plain");
}

}  // namespace gloro
