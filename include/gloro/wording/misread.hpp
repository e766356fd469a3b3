// What all readers of words say when they cannot: which words, what was expected, and what came.
#pragma once

#include <string>
#include <string_view>

#include "gloro/core/error.hpp"

namespace gloro {

/// Of `kind` ("schedule") `text` the part `rest` is not what was expected; "": the end came too early.
[[nodiscard]] inline ArgumentError misread(std::string_view kind, std::string_view text,
                                           std::string_view expected, std::string_view rest) {
  return ArgumentError(message(kind, " \"", text, "\": expected ", expected, ", got ",
                               rest.empty() ? std::string("the end") : message('"', rest, '"')));
}

/// Of all of `text`.
[[nodiscard]] inline ArgumentError misread(std::string_view kind, std::string_view text,
                                           std::string_view expected) {
  return misread(kind, text, expected, text);
}

}  // namespace gloro
