// A program that includes everything and uses little of it: what it shows is how gloro came to it.
#include <gloro/gloro.hpp>

#include <cstdlib>
#include <iostream>

#ifdef WITH_SECOND
gloro::Index second_classes();  // in second.cpp
#else
static gloro::Index second_classes() { return 3; }
#endif

int main() {
  using namespace gloro;
  const Shape shape = Dense<float>({.units = 3}).output_shape(Shape::flat(2));
  std::cout << "gloro " << GLORO_VERSION << ", " << shape.size() << " classes\n";
  return shape.size() == second_classes() ? EXIT_SUCCESS : EXIT_FAILURE;
}
