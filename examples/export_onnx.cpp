// Writes a saved network as an ONNX file that puts out logits, bottom logit and radius.
//   export_onnx model.safetensors model.onnx [EPSILON]
#include <gloro/gloro.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/io/onnx.hpp>

#include <iostream>
#include <sstream>

int main(int argc, char** argv) try {
  using namespace gloro;
  if (argc < 3 || argc > 4) {
    std::cerr << "export_onnx MODEL.safetensors MODEL.onnx [EPSILON]\n";
    return 2;
  }
  const auto [model, metadata] = load_model<float>(argv[1]);
  if (argc < 4 && !metadata.epsilon) throw ArgumentError("the model names no epsilon: please do");
  double epsilon = metadata.epsilon.value_or(0);
  if (argc > 3 && !(std::istringstream(argv[3]) >> epsilon))
    throw ArgumentError(message("'", argv[3], "' is not a number"));
  export_onnx(argv[2], Certifier<float>(model), epsilon);
  std::cout << "bottom logit for epsilon " << epsilon << ", saved " << argv[2] << '\n';
} catch (const std::exception& error) {
  std::cerr << "export_onnx: " << error.what() << '\n';
  return 1;
}
