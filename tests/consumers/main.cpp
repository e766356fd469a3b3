// A stranger's program: includes the one header and uses it.
#include <gloro/gloro.hpp>

#include <cstdlib>
#include <iostream>

#ifdef WITH_SECOND
gloro::Index second_size();  // in second.cpp
#else
static gloro::Index second_size() { return 784; }
#endif

int main() {
  const gloro::Tensor<float> images({28, 28, 1}, 2);
  std::cout << images.batch() << " images of " << images.shape() << '\n';
  return images.size() == 2 * second_size() ? EXIT_SUCCESS : EXIT_FAILURE;
}
