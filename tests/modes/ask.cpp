// Asks whether this unit's arithmetic would be certified with: "right", or "refused" and why.
#include <cstdio>
#include <exception>

#include "gloro/certify/floating_point.hpp"

int main() {
  try {
    const gloro::DefaultFloatingPoint nearest;
    gloro::DefaultFloatingPoint::require<float>();
    gloro::DefaultFloatingPoint::require<double>();
    std::printf("right\n");
  } catch (const std::exception& error) {
    std::printf("refused: %s\n", error.what());
  }
}
