// Certifies one image with a saved model:  classify MODEL.safetensors IMAGE.pgm
#include <gloro/certify/certifier.hpp>
#include <gloro/core/decimal.hpp>
#include <gloro/data/pgm.hpp>
#include <gloro/io/model_file.hpp>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 3) throw gloro::ArgumentError("usage: classify MODEL.safetensors IMAGE.pgm");
  const gloro::Certifier<float> certifier(gloro::load_model<float>(argv[1]).model);
  const gloro::Certificate answer =
      certifier.certify_image(gloro::data::pgm_image(argv[2]).image(0));
  if (answer.abstains())
    std::cout << "no answer can be proved\n";
  else
    std::cout << answer.label << ", proved within " << gloro::decimal_down(answer.radius, 5)
              << '\n';
} catch (const std::exception& error) {
  std::cerr << "classify: " << error.what() << '\n';
  return 1;
}
