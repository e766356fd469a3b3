// JSON as this library reads it: strictly. A key that comes twice, nesting deeper than any of our
// files has, a byte too many, a NUL or a byte order mark is an error, since two readers could take
// such a text for different things.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace gloro {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // keys stay as put in, but are looked up slowly

/// Parses `text`; throws Error, saying what is wrong with it.
[[nodiscard]] Json parse_json(std::string_view text);

/// One line of JSON, of either kind; throws ArgumentError for text that is not UTF-8.
template <typename AnyJson>
[[nodiscard]] std::string print_json(const AnyJson& value);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/io/json.ipp"
#endif
