// UTF-8: names of files may have any bytes, what is written as JSON or HTML may not.
#pragma once

#include <string>
#include <string_view>

namespace gloro {

/// `text` with each byte that is no part of UTF-8 spelled out, as \xE9.
[[nodiscard]] std::string utf8_text(std::string_view text);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/core/utf8.ipp"
#endif
