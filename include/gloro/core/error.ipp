// The bodies of error.hpp.
#pragma once

#include "gloro/core/error.hpp"

#include <locale>
#include <sstream>
#include <system_error>

#include "gloro/core/compiled.hpp"

namespace gloro::detail {

GLORO_INLINE std::string text_of(std::initializer_list<Printed> parts) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  for (const Printed& part : parts) part.print(text);
  return text.str();
}

GLORO_INLINE std::string reason(int number) { return std::generic_category().message(number); }

}  // namespace gloro::detail
