// The second translation unit that includes everything.
#include <gloro/gloro.hpp>

gloro::Index second_classes();

gloro::Index second_classes() {
  return gloro::GloroModel<float>({1, 1, 2}, {gloro::Dense<float>(3)}, 1).classes();
}
