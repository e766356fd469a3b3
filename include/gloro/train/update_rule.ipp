// The bodies of update_rule.hpp.
#pragma once

#include "gloro/train/update_rule.hpp"

#include <string>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"

namespace gloro {

GLORO_INLINE void require_share(const std::string& what, double value) {
  if (!(value >= 0 && value < 1))
    throw ArgumentError(message(what, " must lie in [0, 1), got ", value));
}

}  // namespace gloro
