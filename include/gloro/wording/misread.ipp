// The bodies of misread.hpp.
#pragma once

#include <string>
#include <string_view>

#include "gloro/core/error.hpp"
#include "gloro/wording/misread.hpp"

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
