// A stranger's program: includes the one header, builds a network, certifies an image.
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
  const GloroModel<float> model(
      {8, 8, 1}, {Conv2D<float>({.filters = 4, .kernel = 3}), MinMax<float>(), Dense<float>(3)}, 1);
  const Certifier<float> certifier(model);
  Tensor<float> image(model.input_shape(), 1);
  image.matrix().setConstant(0.5F);
  const Certificate answer = certifier.certify_image(image);
  std::cout << "label " << answer.label << " within " << answer.radius << '\n';
  const bool is_proved = !answer.abstains() && answer.radius > 0;
  return is_proved && model.classes() == second_classes() ? EXIT_SUCCESS : EXIT_FAILURE;
}
