// The symbol by which gloro::compiled is known.
#pragma once

#include "gloro/core/detail/instruction_set.hpp"

#ifdef GLORO_COMPILING
namespace gloro::detail {
const int library = 0;
}  // namespace gloro::detail
#endif
