// What a training pass multiplies in, in words: gloro's flag `--products`.
#pragma once

#include <string_view>

#include "gloro/train/products.hpp"
#include "gloro/wording/misread.hpp"

namespace gloro {

/// float, bfloat16 (an error where the processor has no unit for it), auto (bfloat16 where that is faster), or
/// bfloat16_plain (plain C++ anywhere, slow). Throws ArgumentError for anything else.
[[nodiscard]] inline Products read_products(std::string_view text) {
  if (text == "float") return Products::scalar;
  if (text == "bfloat16") return Products::bfloat16;
  if (text == "auto") return Products::automatic;
  if (text == "bfloat16_plain") return Products::bfloat16_plain;
  throw misread("products", text, "float, bfloat16, auto or bfloat16_plain");
}

}  // namespace gloro
