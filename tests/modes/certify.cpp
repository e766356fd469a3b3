// Certifies, or says why not. Compiled with an option that may break arithmetic, it must refuse, or
// give the answers of the real networks: the value of a pixel overflows in float, and who takes NaN
// for a number drops it in a maximum and proves the wrong class.
#include <algorithm>
#include <cstdio>
#include <exception>

#include "gloro/certify/certifier.hpp"
#include "gloro/layers/average_pooling2d.hpp"
#include "gloro/layers/conv2d.hpp"
#include "gloro/layers/dense.hpp"
#include "gloro/layers/max_pooling2d.hpp"

using namespace gloro;

int main() {
  try {
    GloroModel<float> model(
        {1, 2, 3}, {Conv2D<float>({.filters = 1, .kernel = 1}),
                    MaxPooling2D<float>(PoolingOptions{.pool = Extent(1, 2)}), Dense<float>(2)});
    const auto parameters = model.parameters();
    parameters[0]->value << 3e38F, 3e38F, 0;
    parameters[1]->value << 0;
    parameters[2]->value << 1, 0;
    parameters[3]->value << -2e37F, 0;
    Tensor<float> image({1, 2, 3}, 1);
    const float values[] = {1 / 30.0F, 0, 0, 2, -1.9F, 0};  // pixels of 1e37 and 3e37: class 0
    std::copy_n(values, 6, image.data());
    const Certifier<float> certifier(model);
    for (const Certificate& answer :
         {certifier.certify_image(image, {.epsilon = 0}), certifier.certify_image(image)})
      if (answer.label == 1) {
        std::printf("false: label %d proved for radius %g\n", answer.label, answer.radius);
        return 1;
      }

    GloroModel<float> linear(Shape::flat(2), {Dense<float>(2)});
    linear.parameters()[0]->value << 0, 3, 1, 0;  // logits (3 x1, x0)
    linear.parameters()[1]->value << 0, 0;
    Tensor<float> point(Shape::flat(2), 1);
    point.data()[0] = 2;
    point.data()[1] = 1;
    const Certificate answer = Certifier<float>(linear).certify_image(point);
    if (answer.label != 0 || !(answer.radius > 0.3162 && answer.radius * answer.radius < 0.1)) {
      std::printf("false: label %d proved for radius %.17g\n", answer.label, answer.radius);
      return 1;
    }
    std::printf("right\n");
  } catch (const std::exception& error) {
    std::printf("refused: %s\n", error.what());
  }
}
