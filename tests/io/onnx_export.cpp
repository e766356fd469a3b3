// What the test of the ONNX export (onnx_test.py) asks of the library.
//   onnx_export DIRECTORY [MNIST]
// saves NAME.onnx and NAME.answers, a safetensors file of inputs and what the library answers: for
// small networks on random inputs, and, where MNIST's directory is given, for its 10,000 test
// images.
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>

#include "gloro/gloro.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/io/onnx.hpp"
#include "gloro/io/safetensors.hpp"
#include "io/networks.hpp"

namespace {

using namespace gloro;

constexpr double epsilon = 0.3;

void save(const std::filesystem::path& directory, const std::string& name,
          const GloroModel<float>& model, const Tensor<float>& x) {
  const Certifier<float> certifier(model);
  export_onnx(directory / (name + ".onnx"), certifier, epsilon);

  Workers workers;
  const Index count = x.batch();
  const Tensor<float> y = model.logits(x);
  const Matrix<float> constants = certifier.margin_constants().cast<float>();
  const Certificates certified = certifier.certify(x, {.workers = &workers});
  std::vector<float> bottoms, radii;
  for (Index n = 0; n < count; ++n) {
    bottoms.push_back(
        bottom_logit(y.matrix().col(n), constants, static_cast<float>(epsilon)).value);
    radii.push_back(static_cast<float>(certified.answers[static_cast<std::size_t>(n)].radius));
  }
  const Shape& shape = model.input_shape();
  write_safetensors(
      directory / (name + ".answers"),
      {{{"images",
         {count, shape.height, shape.width, shape.channels},
         std::vector<float>(x.data(), x.data() + x.size())},
        {"logits", {count, model.classes()}, std::vector<float>(y.data(), y.data() + y.size())},
        {"bottom", {count}, bottoms},
        {"radius", {count}, radii}},
       {}});
}

void save(const std::filesystem::path& directory, const std::string& name,
          const GloroModel<float>& model) {
  save(directory, name, model, networks::inputs<float>(model.input_shape(), 100, 5));
}

/// 2C2F after two epochs on a tenth of the training images: good enough to certify some.
void save_mnist(const std::filesystem::path& directory, const std::string& data) {
  const auto [train, test] = data::mnist(data);
  GloroModel<float> model(
      {28, 28, 1},
      {Conv2D<float>({.filters = 16, .kernel = 4, .stride = 2}), MinMax<float>(),
       Conv2D<float>({.filters = 32, .kernel = 4, .stride = 2}), MinMax<float>(), Dense<float>(100),
       MinMax<float>(), Dense<float>(10)},
      1);
  Trainer<float> trainer(model, {.epochs = 2, .batch_size = 128, .epsilon = Schedule(epsilon)});
  const data::Dataset some = train.head(6000);
  trainer.fit(some, test.head(100));
  save(directory, "mnist", model, test.images<float>(0, test.size()));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || argc > 3) {
    std::cerr << "onnx_export DIRECTORY [MNIST]\n";
    return 2;
  }
  const std::filesystem::path directory = argv[1];
  save(directory, "everything", networks::everything<float>());
  save(directory, "small", networks::small());
  save(directory, "potential", networks::potential<float>());
  save(directory, "activations", networks::activations<float>());
  save(directory, "isometries", networks::isometries<float>());
  save(directory, "composed", networks::composed<float>());
  GloroModel<float> flat({1, 1, 6}, {Normalization<float>({1, 2, 3, 4, 5, 6}, {1, 1, 1, 2, 2, 2}),
                                     MinMax<float>(), Conv2D<float>({.filters = 4, .kernel = 1}),
                                     Dense<float>(4), MinMax<float>(MinMaxPairs::halves),
                                     Conv2D<float>({.filters = 5, .kernel = 1}), Dense<float>(3)});
  networks::disturb(flat, 9);
  save(directory, "flat", flat);
  // An image of one pixel meets a flat vector.
  GloroModel<float> pixel(
      {1, 1, 6},
      {Residual<float>({.body = {Dense<float>(6)}}), Conv2D<float>({.filters = 4, .kernel = 1}),
       Parallel<float>({.branches = {Dense<float>(2), Chain<float>()}, .join = Join::concatenate}),
       Conv2D<float>({.filters = 4, .kernel = 1}),
       Parallel<float>({.branches = {Chain<float>(), Dense<float>(4)}}), Dense<float>(3)});
  networks::disturb(pixel, 10);
  save(directory, "pixel", pixel);
  if (argc == 3) save_mnist(directory, argv[2]);
  return EXIT_SUCCESS;
} catch (const std::exception& error) {
  std::cerr << "onnx_export: " << error.what() << '\n';
  return EXIT_FAILURE;
}
