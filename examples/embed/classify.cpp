// Certifies one image with a saved model:  classify MODEL.safetensors IMAGE.pgm
#include <gloro/certify/certifier.hpp>
#include <gloro/io/decimal.hpp>
#include <gloro/io/model_file.hpp>

#include <fstream>
#include <iostream>
#include <string>

/// Reads a binary PGM picture as pixels in [0, 1].
static gloro::Tensor<float> read_pgm(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string magic;
  gloro::Index width = 0, height = 0, white = 0;
  in >> magic >> width >> height >> white;
  in.get();
  if (!in || magic != "P5" || width < 1 || height < 1 || white != 255)
    throw gloro::FileError(path + ": not an 8-bit binary PGM picture");
  gloro::Tensor<float> image({height, width, 1}, 1);
  for (float& pixel : image.matrix().reshaped()) pixel = static_cast<float>(in.get()) / 255.0F;
  if (!in) throw gloro::FileError(path + ": ends too early");
  return image;
}

int main(int argc, char** argv) try {
  if (argc != 3) throw gloro::ArgumentError("usage: classify MODEL.safetensors IMAGE.pgm");
  const gloro::Certifier<float> certifier(gloro::load_model<float>(argv[1]).model);
  const gloro::Certificate answer = certifier.certify(read_pgm(argv[2]));
  if (answer.abstains())
    std::cout << "no answer can be proved\n";
  else
    std::cout << answer.label << ", proved within " << gloro::decimal_down(answer.radius, 5) << '\n';
} catch (const std::exception& error) {
  std::cerr << "classify: " << error.what() << '\n';
  return 1;
}
