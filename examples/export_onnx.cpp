// Writes a saved network as an ONNX file that puts out logits, bottom logit and radius.
//   export_onnx model.safetensors model.onnx [EPSILON]
#include <gloro/gloro.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/io/onnx.hpp>

#include "command_line.hpp"
#include "outputs.hpp"

#include <iostream>
#include <optional>
#include <string>
#include <utility>

int main(int argc, char** argv) {
  using namespace gloro;
  std::string from, to;
  std::optional<double> epsilon;
  command_line::Program program(
      "export_onnx",
      "Writes a saved network as an ONNX file that puts out logits, bottom logit and "
      "radius.");
  program.add("model", from, "model file (.safetensors)")->required();
  program.add("onnx", to, "file to write (.onnx)")->required();
  program.add("epsilon", epsilon, "radius of the bottom logit; default: the one in the model file",
              command_line::not_negative);
  return program.run(argc, argv, [&] {
    Output onnx(std::in_place, to);
    std::ostream& people = ::people({&onnx});
    require_apart({&onnx}, {from}, {});
    const auto [model, metadata] = load_model<float>(from);
    if (!epsilon && !metadata.epsilon)
      throw command_line::Mistake("expected EPSILON, for the model file names none");
    if (!epsilon) epsilon = metadata.epsilon;
    export_onnx(std::move(*onnx), Certifier<float>(model), *epsilon);
    people << "bottom logit for epsilon " << number_text(*epsilon) << ", saved " << to << '\n';
  });
}
