// What the tests with other programs (pytorch_test.py, onnx_test.py) ask of the library.
//   exchange types                    the layers that a file may name, one a line
//   exchange save DIRECTORY           saves networks and what they answer: NAME.model, NAME.answers
//   exchange load MODEL               loads a network, in double, or says why not
//   exchange compare MODEL ANSWERS    loads a network, compares its logits with those of ANSWERS,
//                                     and certifies the inputs: most must hold for a radius of 0.01
//   exchange same MODEL ANSWERS       the same, however few are certified
// ANSWERS is a safetensors file with `inputs` (N x H x W x C) and `logits` (N x classes).
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "gloro/certify/certifier.hpp"
#include "gloro/core/error.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/io/safetensors.hpp"
#include "gloro/parallel/workers.hpp"
#include "io/networks.hpp"

namespace {

using namespace gloro;

template <typename Scalar>
void save(const std::filesystem::path& directory, const std::string& name,
          const GloroModel<Scalar>& model) {
  const Shape& shape = model.input_shape();
  const Index count = 20;
  const Tensor<Scalar> x = networks::inputs<Scalar>(shape, count, 5);
  const Tensor<Scalar> y = model.logits(x);
  save_model(directory / (name + ".model"), model, {.epsilon = 0.3});
  write_safetensors(
      directory / (name + ".answers"),
      {{{"inputs",
         {count, shape.height, shape.width, shape.channels},
         std::vector<Scalar>(x.data(), x.data() + x.size())},
        {"logits", {count, model.classes()}, std::vector<Scalar>(y.data(), y.data() + y.size())}},
       {}});
}

const NamedTensor& find(const Safetensors& answers, std::string_view name) {
  for (const auto& tensor : answers.tensors)
    if (tensor.name == name) return tensor;
  throw Error(message("no tensor ", name));
}

Tensor<float> inputs_of(const Safetensors& answers, const Shape& shape) {
  const NamedTensor& inputs = find(answers, "inputs");
  const auto& pixels = std::get<std::vector<float>>(inputs.values);
  Tensor<float> x(shape, inputs.extents.at(0));
  if (static_cast<std::size_t>(x.size()) != pixels.size()) throw Error("inputs of another size");
  std::copy(pixels.begin(), pixels.end(), x.data());
  return x;
}

/// The largest distance between logits, over the largest logit where that is above 1.
double difference(const GloroModel<float>& model, Tensor<float> x, const Safetensors& answers) {
  const auto& wanted = std::get<std::vector<float>>(find(answers, "logits").values);
  const Tensor<float> y = model.logits(std::move(x));
  if (static_cast<std::size_t>(y.size()) != wanted.size()) throw Error("logits of another size");
  const Eigen::Map<const Matrix<float>> theirs(wanted.data(), model.classes(), y.batch());
  const float scale = std::max(1.0F, theirs.cwiseAbs().maxCoeff());
  return static_cast<double>((y.matrix() - theirs).cwiseAbs().maxCoeff() / scale);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string task = argc > 1 ? argv[1] : "";
  if (task == "types" && argc == 2) {
    for (const std::string& type : Catalogue::ours().types()) std::cout << type << '\n';
  } else if (task == "save" && argc == 3) {
    save(argv[2], "float", networks::everything<float>());
    save(argv[2], "double", networks::everything<double>());
    save(argv[2], "small", networks::small());
    save(argv[2], "potential", networks::potential<float>());
    save(argv[2], "wide-potential", networks::potential<double>());
    save(argv[2], "activations", networks::activations<float>());
    save(argv[2], "wide-activations", networks::activations<double>());
    save(argv[2], "isometries", networks::isometries<float>());
    save(argv[2], "wide-isometries", networks::isometries<double>());
    save(argv[2], "composed", networks::composed<float>());
    save(argv[2], "wide-composed", networks::composed<double>());
  } else if (task == "load" && argc == 3) {
    (void)load_model<double>(argv[2]);
  } else if ((task == "compare" || task == "same") && argc == 4) {
    const GloroModel<float> model = load_model<float>(argv[2]).model;
    const Safetensors answers = read_safetensors(argv[3]);
    const Tensor<float> x = inputs_of(answers, model.input_shape());
    const double distance = difference(model, x, answers);
    Workers workers;
    const Certificates certified = Certifier<float>(model).certify(x, {.workers = &workers});
    const auto proved =
        std::count_if(certified.answers.begin(), certified.answers.end(),
                      [](const Certificate& answer) { return answer.radius > 0.01; });
    std::cout << "largest difference " << distance << ", " << proved << " of " << x.batch()
              << " certified for a radius of 0.01\n";
    if (!(distance <= 1e-5)) return EXIT_FAILURE;
    if (task == "compare" && 2 * proved < x.batch()) return EXIT_FAILURE;
  } else {
    std::cerr << "exchange types | exchange save DIRECTORY | exchange load MODEL | exchange "
                 "compare MODEL ANSWERS\n";
    return 2;
  }
  return EXIT_SUCCESS;
} catch (const std::exception& error) {
  std::cerr << "exchange: " << error.what() << '\n';
  return EXIT_FAILURE;
}
