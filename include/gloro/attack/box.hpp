// Box: the values that an attack may give to pixels.
#pragma once

namespace gloro::attack {

/// Values that a pixel may take.
struct Box {
  double low = 0;
  double high = 1;
};

}  // namespace gloro::attack
