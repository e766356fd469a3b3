// The bodies of misread.hpp.
#pragma once

#include "gloro/wording/misread.hpp"

#include <string>
#include <string_view>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE ArgumentError misread(std::string_view kind, std::string_view text,
                                   std::string_view expected, std::string_view rest) {
  return ArgumentError(message(kind, " \"", text, "\": expected ", expected, ", got ",
                               rest.empty() ? std::string("the end") : message('"', rest, '"')));
}

GLORO_INLINE ArgumentError misread(std::string_view kind, std::string_view text,
                                   std::string_view expected) {
  return misread(kind, text, expected, text);
}

}  // namespace gloro
