// What all readers of words say when they cannot: which words, what was expected, and what came.
#pragma once

#include <string_view>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

/// Of `kind` ("schedule") `text` the part `rest` is not what was expected; "": the end came too early.
[[nodiscard]] GLORO_INLINE ArgumentError misread(std::string_view kind, std::string_view text,
                                                 std::string_view expected, std::string_view rest);

/// Of all of `text`.
[[nodiscard]] GLORO_INLINE ArgumentError misread(std::string_view kind, std::string_view text,
                                                 std::string_view expected);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/wording/misread.ipp"
#endif
