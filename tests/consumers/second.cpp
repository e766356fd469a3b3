// The second translation unit that includes everything.
#include <gloro/gloro.hpp>

gloro::Index second_classes();

gloro::Index second_classes() {
  return gloro::Dense<float>({.units = 3}).output_shape(gloro::Shape::flat(5)).size();
}
