// Asks whether this unit's arithmetic would be certified with: "right", or "refused" and why.
#include <cstdio>
#include <exception>

#include "gloro/rounding/environment.hpp"

int main() {
  try {
    const gloro::rounding::DefaultFloatingPoint nearest;
    gloro::rounding::DefaultFloatingPoint::require<float>();
    gloro::rounding::DefaultFloatingPoint::require<double>();
    std::printf("right\n");
  } catch (const std::exception& error) {
    std::printf("refused: %s\n", error.what());
  }
}
