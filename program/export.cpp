// gloro export: writes a saved network as an ONNX file that puts out logits, bottom logit and radius.
//   gloro export model.safetensors model.onnx --epsilon 0.3
#include <gloro/core/error.hpp>
#include <gloro/core/number.hpp>
#include <gloro/core/utf8.hpp>
#include <gloro/io/json.hpp>
#include <gloro/io/model_file.hpp>

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
#include <gloro/certify/certifier.hpp>
#include <gloro/io/onnx.hpp>
#endif

#include "commands.hpp"
#include "json_output.hpp"
#include "outputs.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

namespace {

using namespace gloro;

struct ExportCommand {
  std::string model, onnx, json;
  std::optional<double> epsilon;
};

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
void run(const ExportCommand& o, const Catalogue& catalogue) {
  Output onnx(std::in_place, o.onnx), json = output(o.json);
  std::ostream& people = ::people({&onnx, &json});
  require_apart({&onnx, &json}, {o.model}, {});
  const auto [model, metadata] = load_model<float>(o.model, {.catalogue = catalogue});
  const std::optional<double> epsilon = o.epsilon ? o.epsilon : metadata.epsilon;
  if (!epsilon) throw command_line::Mistake("expected --epsilon, for the model file names none");
  export_onnx(std::move(*onnx), Certifier<float>(model), *epsilon);
  people << "bottom logit for epsilon " << number_text(*epsilon) << ", saved " << o.onnx << '\n';
  write_json(json,
             {{"model", utf8_text(o.model)}, {"onnx", utf8_text(o.onnx)}, {"epsilon", *epsilon}});
}
#else
void run(const ExportCommand&, const Catalogue&) {
  throw command_line::Mistake(
      "this program was built without gloro::onnx, and writes no ONNX files");
}
#endif

}  // namespace

void add_export(command_line::Program& program, const Catalogue& catalogue) {
  using command_line::File;
  command_line::Command& command = program.command(
      "export",
      "Writes a saved network as an ONNX file that puts out logits, bottom logit and radius.");
  const auto o = std::make_shared<ExportCommand>();
  command.add("model", o->model, "model file (.safetensors)", File{}).required();
  command.add("onnx", o->onnx, "file to write (.onnx)", File{}).required();
  command.add("--epsilon", o->epsilon,
              "radius of the bottom logit; default: the one in the model file",
              command_line::not_negative);
  command.add("--json", o->json, "file to write the summary to", File{});
  command.does([o, &catalogue](const command_line::Arguments&) {
    run(*o, catalogue);
    return 0;
  });
}
