// A program that includes little and uses less: what it shows is how gloro came to it.
#include <gloro/layers/dense.hpp>
#include <gloro/version.hpp>

#include <cstdlib>
#include <iostream>

int main() {
  using namespace gloro;
  const Shape shape = Dense<float>({.units = 3}).output_shape(Shape::flat(2));
  std::cout << "gloro " << GLORO_VERSION << ", " << shape.size() << " classes\n";
  return shape.size() == 3 ? EXIT_SUCCESS : EXIT_FAILURE;
}
