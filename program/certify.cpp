// gloro certify: certifies images with a saved network: what is proved about each, and in sum.
//   gloro certify model.safetensors --dataset mnist --data data/mnist --epsilon 0.1 0.3 --csv radii.csv
//   gloro certify model.safetensors --images mine.npy --labels labels.npy --report mine.html
//   gloro certify model.safetensors --dataset cifar-10 --top-k 3, or --affinity sets.json
#include <gloro/certify/certifier.hpp>
#include <gloro/certify/csv.hpp>
#include <gloro/certify/summary.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/number.hpp>
#include <gloro/core/utf8.hpp>
#include <gloro/io/guarantee_json.hpp>
#include <gloro/io/json.hpp>

#include "commands.hpp"
#include "evidence.hpp"
#include "figures.hpp"
#include "json_output.hpp"
#include "origin.hpp"
#include "outputs.hpp"
#include "proofs.hpp"
#include "report_page.hpp"
#include "uncertified.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace gloro;

struct CertifyCommand {
  std::string model, csv, json, evidence, report;
  ProofOptions proof;
};

void add_options(command_line::Options& command, CertifyCommand& o) {
  using command_line::File;
  command.add("model", o.model, "model file (.safetensors), or a network in ONNX (.onnx)", File{})
      .required();
  add(command, o.proof);
  command.add(
      "--csv", o.csv,
      "file to write with a row an image: index,label,predicted,certified_radius,"
      "clean_correct; predicted is the label that is proved, -1 where none is; relaxed, also "
      "certified_set,set_radius,label_radius",
      File{});
  command.add("--json", o.json, "file to write the summary to", File{});
  command.add(
      "--evidence", o.evidence,
      "JSON file to write for gloro-check, which decides every answer anew in whole numbers",
      File{});
  command.add("--report", o.report,
              "HTML file to write: curves, tables and images for a browser; gloro report puts more "
              "models on a page",
              File{});
}

/// What is written, tried before the work begins.
struct Outputs {
  Output csv, json, evidence, report;

  explicit Outputs(const CertifyCommand& o)
      : csv(output(o.csv)),
        json(output(o.json)),
        evidence(output(o.evidence)),
        report(output(o.report)) {
    std::vector<std::filesystem::path> inputs = o.proof.images.inputs();
    inputs.insert(inputs.end(), {o.model, o.proof.affinity});
    require_apart({&csv, &json, &evidence, &report}, std::move(inputs), o.proof.images.folder());
  }
};

/// gloro-check reads model files and the files of these data sets, and nothing else.
void require_decidable(const CertifyCommand& o) {
  const std::string& dataset = o.proof.images.dataset;
  if (o.evidence.empty() ||
      (!is_onnx(o.model) && !o.proof.images.are_own() &&
       (dataset == "mnist" || dataset == "fashion-mnist" || dataset == "cifar-10")))
    return;
  throw command_line::Mistake(
      "--evidence is about a model file and --dataset mnist, fashion-mnist or cifar-10, which is "
      "what gloro-check reads");
}

/// The layer that stretches most, where one does: what a smaller bound would have to begin with.
void print_dearest_layer(std::ostream& people, const std::vector<double>& bounds) {
  const auto dearest = std::max_element(bounds.begin(), bounds.end());
  if (dearest == bounds.end() || !(*dearest > 1)) return;
  const auto l = static_cast<std::size_t>(dearest - bounds.begin());
  people << "\nthe layers before the head stretch by at most "
         << rounded_text(rounding::product_up(bounds), 4) << " in all, layer " << l
         << " most of all, by " << rounded_text(*dearest, 4) << '\n';
}

template <typename Scalar>
void certify(const CertifyCommand& o, const Catalogue& catalogue, const std::string& name,
             const std::string& command) {
  Outputs outputs(o);
  std::ostream& people =
      ::people({&outputs.csv, &outputs.json, &outputs.evidence, &outputs.report});
  Subject<Scalar> subject(name, o.model, o.proof, load_options(o.proof, catalogue), people);
  const data::Dataset& images = subject.images;

  Workers workers(o.proof.threads);
  const auto start = std::chrono::steady_clock::now();
  const Certifier<Scalar> certifier(subject.model,
                                    chosen_guarantee(o.proof, subject.model, images.class_names()));
  const bool is_relaxed = certifier.guarantee().is_relaxed();
  const auto begin = std::chrono::steady_clock::now();
  const Certificates certified = certify_all(certifier, images, workers);
  const std::chrono::duration<double> preparation = begin - start;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;

  const Index total = images.size();
  const std::vector<double>& epsilons = subject.epsilons;
  const Figures figures{certified, images.labels(), epsilons, is_relaxed};
  OrderedJson summary{
      {"model", utf8_text(o.model)}, {"dataset", utf8_text(images.name())}, {"images", total}};
  summary["input_range"] = to_json(subject.range);
  if (is_relaxed) summary["guarantee"] = to_json(certifier.guarantee());
  tell_images(people, summary, figures, images);
  if (is_relaxed) people << ", guarantee " << certifier.guarantee().text();
  people << "\n\n";
  print(people, figures);
  const auto least = std::min_element(epsilons.begin(), epsilons.end());
  if (least != epsilons.end() && tally(certified, {}, *least).certified == 0)
    people << '\n' << why_nothing_is_certified(*least, certifier.layer_bounds()) << '\n';
  summary["results"] = to_json(figures);
  summary["layer_bounds"] = certifier.layer_bounds();
  print_dearest_layer(people, certifier.layer_bounds());
  if (const std::vector<std::size_t> quick = certifier.quickly_bounded(); !quick.empty()) {
    summary["quickly_bounded_layers"] = quick;
    people << "\nbounded roughly, as better bounds would cost too much: layers";
    for (const std::size_t l : quick) people << ' ' << l;
    people << '\n';
  }
  summary["seconds"] = {{"bounds", preparation.count()}, {"images", time.count()}};
  people << "\nbounds in " << rounded_text(preparation.count(), 3) << " s, images in "
         << rounded_text(time.count(), 3) << " s\n";

  if (outputs.csv) write_csv(std::move(*outputs.csv), certified, images, certifier.guarantee());
  write_json(outputs.json, summary);
  if (outputs.evidence) {
    outputs.evidence->write(evidence::text(o.model, certifier, certified, images));
    outputs.evidence->commit();
  }
  if (outputs.report) {
    ReportInput page = report_page(certifier, subject, certified);
    page.model = name_of_model(o.model);
    page.origin = origin(command, {o.model}, images);
    write_report(std::move(*outputs.report), page);
  }
}

}  // namespace

void add_certify(command_line::Program& program, const Catalogue& catalogue) {
  command_line::Command& command = program.command(
      "certify",
      "Certifies images: the label of each that is proved, and the radius (2-norm, in pixel units) "
      "within which no change of the image changes it; for a relaxed guarantee, a set of classes.");
  const auto o = std::make_shared<CertifyCommand>();
  add_options(command, *o);
  command.does([o, &catalogue, &command](const command_line::Arguments& arguments) {
    image_options::check(o->proof.images, "");
    require_decidable(*o);
    const std::string text = command_text(command, arguments);
    if (o->proof.in_double)
      certify<double>(*o, catalogue, command.name(), text);
    else
      certify<float>(*o, catalogue, command.name(), text);
    return 0;
  });
}
