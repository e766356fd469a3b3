// gloro report: one page for a browser about what is proved of images, by one network or by several.
//   gloro report model.safetensors --dataset mnist --log training.csv --output report.html
//   gloro report mine.safetensors theirs.safetensors --images pictures/test
#include <gloro/certify/certifier.hpp>
#include <gloro/certify/summary.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/utf8.hpp>
#include <gloro/io/class_names.hpp>
#include <gloro/io/input_range.hpp>
#include <gloro/io/json.hpp>
#include <gloro/report/report.hpp>
#include <gloro/report/training_log.hpp>

#include "commands.hpp"
#include "figures.hpp"
#include "json_output.hpp"
#include "origin.hpp"
#include "outputs.hpp"
#include "proofs.hpp"
#include "report_page.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gloro;

struct ReportCommand {
  std::vector<std::string> models;  // the page is about the first
  std::string html = "report.html", log, json;
  ProofOptions proof;
};

/// What is written, tried before the work begins.
struct Outputs {
  Output html, json;

  explicit Outputs(const ReportCommand& o) : html(output(o.html)), json(output(o.json)) {
    std::vector<std::filesystem::path> inputs = o.proof.images.inputs();
    inputs.insert(inputs.end(), {o.proof.affinity, o.log});
    inputs.insert(inputs.end(), o.models.begin(), o.models.end());
    require_apart({&html, &json}, std::move(inputs), o.proof.images.folder());
  }
};

/// Tells what a model is proved to do, and returns it.
OrderedJson tell(std::ostream& people, const std::string& model, const Figures& figures,
                 const data::Dataset& images) {
  OrderedJson summary{{"model", utf8_text(model)}};
  people << model << ": ";
  tell_images(people, summary, figures, images);
  people << "\n\n";
  print(people, figures);
  people << '\n';
  summary["results"] = to_json(figures);
  return summary;
}

template <typename Scalar>
void report(const ReportCommand& o, const Catalogue& catalogue, const std::string& name,
            const std::string& command) {
  Outputs outputs(o);
  std::ostream& people = ::people({&outputs.html, &outputs.json});
  report::TrainingLog log;
  if (!o.log.empty()) log = report::read_training_log(o.log);
  const LoadOptions limits = load_options(o.proof, catalogue);
  Subject<Scalar> subject(name, o.models.front(), o.proof, limits, people);
  const data::Dataset& images = subject.images;
  Workers workers(o.proof.threads);
  const Certifier<Scalar> certifier(subject.model,
                                    chosen_guarantee(o.proof, subject.model, images.class_names()));
  OrderedJson models = OrderedJson::array();
  const auto told = [&](const std::string& model, const Certificates& certified) {
    models.push_back(
        tell(people, model,
             {certified, images.labels(), subject.epsilons, certifier.guarantee().is_relaxed()},
             images));
  };

  ReportInput page = report_page(certifier, subject, certify_all(certifier, images, workers));
  told(o.models.front(), page.certified);
  for (std::size_t i = 1; i < o.models.size(); ++i) {  // under the same guarantee
    const auto [rival, metadata] = load_model<Scalar>(o.models[i], limits);
    require_fit(o.models[i], rival, images);
    o.proof.images.require_classes(images,
                                   class_names_of(metadata, static_cast<int>(rival.classes())));
    const RangeCheck range = check_range(images, o.models[i], metadata.input_range);
    if (!range.warning.empty()) command_line::warn(name, range.warning);
    page.rivals.push_back(
        {name_of_model(o.models[i]),
         certify_all(Certifier<Scalar>(rival, certifier.guarantee()), images, workers)});
    told(o.models[i], page.rivals.back().certified);
  }
  page.model = name_of_model(o.models.front());
  page.log = std::move(log);
  page.origin = origin(command, o.models, images);
  write_report(std::move(*outputs.html), page);
  people << "saved " << o.html << '\n';
  write_json(outputs.json, {{"report", utf8_text(o.html)},
                            {"dataset", utf8_text(images.name())},
                            {"images", images.size()},
                            {"models", models}});
}

}  // namespace

void add_report(command_line::Program& program, const Catalogue& catalogue) {
  using command_line::File;
  command_line::Command& command = program.command(
      "report",
      "Writes a page for a browser about what is proved of images, by up to four networks.");
  const auto o = std::make_shared<ReportCommand>();
  command
      .add("model", o->models,
           "model file (.safetensors), or a network in ONNX (.onnx); up to three more model files "
           "to compare it with",
           File{})
      .required();
  add(command, o->proof);
  command.add("--output", o->html, "HTML file to write", File{});
  command.add("--log", o->log, "CSV log of the training (gloro train --log), for its curves",
              File{});
  command.add("--json", o->json, "file to write the summary to", File{});
  command.does([o, &catalogue, &command](const command_line::Arguments& arguments) {
    image_options::check(o->proof.images, "");
    if (o->models.size() > 4)
      throw command_line::Mistake(
          message("a report takes four models at most, got ", o->models.size()));
    const std::string text = command_text(command, arguments);
    if (o->proof.in_double)
      report<double>(*o, catalogue, command.name(), text);
    else
      report<float>(*o, catalogue, command.name(), text);
    return 0;
  });
}
