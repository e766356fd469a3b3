// Writes what the page of proofs must answer, as a script that the browser loads: images of MNIST with the labels
// and radii that this machine's own instructions prove:  write_proofs MODEL MNIST COUNT FILE.js
#include <cmath>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/data/mnist.hpp"
#include "gloro/io/model_file.hpp"

int main(int argc, char** argv) try {
  using namespace gloro;
  const auto count = argc == 5 ? to_whole<int>(argv[3]) : std::nullopt;
  if (!count) throw ArgumentError("usage: write_proofs MODEL MNIST COUNT FILE.js");
  const Certifier<float> certifier(load_model<float>(argv[1]).model);
  const data::Dataset images = data::mnist(argv[2]).test.head(*count);
  const Certificates proved = certifier.certify(images);
  nlohmann::json proofs = nlohmann::json::array();
  for (Index n = 0; n < images.size(); ++n) {
    const Tensor<float> image = images.image(n);
    std::vector<int> bytes;
    for (Index i = 0; i < image.size(); ++i)
      bytes.push_back(static_cast<int>(std::lround(image.data()[i] * 255)));
    const Certificate& answer = proved.answers[static_cast<std::size_t>(n)];
    proofs.push_back({{"bytes", bytes}, {"label", answer.label}, {"radius", answer.radius}});
  }
  OutputFile file(argv[4]);
  file.write("const proofs = " + proofs.dump() + ";\n");
  file.commit();
} catch (const std::exception& error) {
  std::cerr << "write_proofs: " << error.what() << '\n';
  return 1;
}
