// What a training pass multiplies in, in words: gloro's flag `--products`.
#pragma once

#include <string_view>

#include "gloro/core/compiled.hpp"
#include "gloro/train/products.hpp"

namespace gloro {

/// float, bfloat16 (an error where the processor has no unit for it), auto (bfloat16 where that is faster), or
/// bfloat16_plain (plain C++ anywhere, slow). Throws ArgumentError for anything else.
[[nodiscard]] GLORO_INLINE Products read_products(std::string_view text);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/wording/products.ipp"
#endif
