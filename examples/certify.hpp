// The command line of `certify`, for the library's layers or, by a catalogue, a program's own:
//   int main(int argc, char** argv) { return certify(argc, argv, catalogue); }
#pragma once

#include <gloro/certify/certifier.hpp>
#include <gloro/certify/csv.hpp>
#include <gloro/certify/summary.hpp>
#include <gloro/core/decimal.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/terminal.hpp>
#include <gloro/core/utf8.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/io/class_names.hpp>
#include <gloro/io/guarantee_json.hpp>
#include <gloro/io/input_range.hpp>
#include <gloro/io/json.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/layers/catalogue.hpp>
#include <gloro/parallel/workers.hpp>
#include <gloro/report/report.hpp>

#include "command_line.hpp"
#include "evidence.hpp"
#include "figures.hpp"
#include "image_options.hpp"
#include "load_network.hpp"
#include "origin.hpp"
#include "outputs.hpp"
#include "uncertified.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace certify_program {

using namespace gloro;

struct Options {
  std::string model, affinity, csv, json, evidence, report, log;
  ImageOptions images;
  std::vector<std::string> compare;
  std::vector<double> epsilons;
  std::string command;  // as it was given, for the report
  Index top_k = 0;      // 0: the model's own guarantee
  Index limit = 0;
  int threads = 0;
  double gigabytes = 0;  // 0: the loader's own limit
  bool in_double = false;
};

inline void add_options(command_line::Program& program, Options& o) {
  using namespace command_line;
  program.add("model", o.model, "model file (.safetensors), or a network in ONNX (.onnx)")
      ->required();
  image_options::add(program, o.images, "images to certify");
  program.add("--epsilon", o.epsilons,
              "radii to report on; default the one that the model was trained for", not_negative);
  auto* top_k = program.add("--top-k", o.top_k,
                            "relaxed: prove up to K leading classes as a set; 1: the top class; "
                            "default what the model was trained for",
                            count_from(1));
  program
      .add("--affinity", o.affinity,
           "relaxed: prove sets of classes that lie in one of the file's sets, a JSON list of "
           "lists of numbers or names such as [[3,5],[0,8]]")
      ->excludes(top_k);
  program.add(
      "--csv", o.csv,
      "file to write with a row an image: index,label,predicted,certified_radius,"
      "clean_correct; predicted is the label that is proved, -1 where none is; relaxed, also "
      "certified_set,set_radius,label_radius");
  program.add("--json", o.json, "file to write the summary to");
  program.add(
      "--evidence", o.evidence,
      "JSON file to write for gloro-check, which decides every answer anew in whole numbers");
  auto* report = program.add("--report", o.report,
                             "HTML file to write: curves, tables and images for a browser");
  program
      .add("--compare", o.compare,
           "up to three more models, for the report's curves on the same images", Text{})
      ->needs(report);
  program.add("--log", o.log, "CSV log of the training (train --log), for the report's curves")
      ->needs(report);
  program.add("--limit", o.limit, "only the first N images", count_from(1));
  program.add_flag("--double", o.in_double,
                   "hold the network in float64 (for a file of float64 weights); proofs are found "
                   "in double in any case");
  program.add(
      "--most-memory", o.gigabytes,
      "gigabytes that the model file's network may take; default 1.1, and 32 bytes for each "
      "of the file's",
      positive);
  program.add("--threads", o.threads, "0: one a core", threads());
}

template <typename Scalar>
Certificates certify_all(const Certifier<Scalar>& certifier, const data::Dataset& images,
                         Workers& workers) {
  constexpr Index step = 1024;  // images between two updates of the bar
  Certificates all;
  StatusLine status(std::cerr, [] { return terminal_columns(2); });
  for (Index first = 0; first < images.size(); first += step) {
    const Index count = std::min(step, images.size() - first);
    all.append(certifier.certify(images.part(first, count), {.workers = &workers}));
    const Index done = first + count;
    status.show({{message(done, " of ", images.size(), " images"), 0}}, static_cast<double>(done),
                static_cast<double>(images.size()));
  }
  status.clear();
  return all;
}

/// What is written, tried before the work begins.
struct Outputs {
  Output csv, json, evidence, report;

  explicit Outputs(const Options& o)
      : csv(output(o.csv)),
        json(output(o.json)),
        evidence(output(o.evidence)),
        report(output(o.report)) {
    std::vector<std::filesystem::path> inputs = o.images.inputs();
    inputs.insert(inputs.end(), {o.model, o.affinity, o.log});
    inputs.insert(inputs.end(), o.compare.begin(), o.compare.end());
    require_apart({&csv, &json, &evidence, &report}, std::move(inputs), o.images.folder());
  }
};

/// The guarantee that the command line asks for, or the model's own.
template <typename Scalar>
Guarantee chosen_guarantee(const Options& o, const GloroModel<Scalar>& model,
                           const std::vector<std::string>& class_names) {
  if (!o.affinity.empty()) return read_affinity(o.affinity, model.classes(), class_names);
  if (o.top_k == 0) return model.guarantee();
  const Guarantee guarantee = Guarantee::top_k(o.top_k);
  command_line::checked([&] { guarantee.require_classes(model.classes()); });
  return guarantee;
}

[[nodiscard]] inline std::string name_of(const std::string& model) {
  return std::filesystem::path(model).stem().string();
}

/// What the models that the report compares with answer, under the same guarantee.
template <typename Scalar>
std::vector<ReportRival> rivals(const Options& o, const LoadOptions& limits,
                                const data::Dataset& images, const Guarantee& guarantee,
                                Workers& workers) {
  std::vector<ReportRival> all;
  for (const std::string& path : o.compare) {
    const GloroModel<Scalar> model = load_model<Scalar>(path, limits).model;
    if (images.shape() != model.input_shape())
      throw ShapeError(message(path, " takes images of ", model.input_shape(), ", ", images.name(),
                               " has ", images.shape()));
    all.push_back(
        {name_of(path), certify_all(Certifier<Scalar>(model, guarantee), images, workers)});
  }
  return all;
}

template <typename Scalar>
void write_report_on(OutputFile file, const Options& o, const Certifier<Scalar>& certifier,
                     Certificates certified, data::Dataset images,
                     std::optional<double> trained_for, const std::vector<double>& epsilons,
                     std::string warning, report::TrainingLog log,
                     std::vector<ReportRival> rivals) {
  double headline = epsilons.empty() ? 0 : epsilons.front();
  for (const double epsilon : epsilons)
    if (epsilon == trained_for) headline = epsilon;
  std::vector<std::string> models{o.model};
  models.insert(models.end(), o.compare.begin(), o.compare.end());
  auto from = origin(o.command, models, images);
  ReportInput input{.model = name_of(o.model),
                    .input = images.shape(),
                    .layers = report_layers(certifier),
                    .images = std::move(images),
                    .certified = std::move(certified),
                    .epsilon = headline,
                    .epsilons = epsilons,
                    .warning = std::move(warning),
                    .log = std::move(log),
                    .rivals = std::move(rivals),
                    .origin = std::move(from)};
  for (const double radius : input.images.radii()) input.epsilons.push_back(radius);
  input.guarantee = certifier.guarantee();
  write_report(std::move(file), input);
}

/// As many as were asked for; `classes` as ImageOptions::for_test has them.
inline data::Dataset chosen_images(const Options& o, std::vector<std::string> classes) {
  data::Dataset images = o.images.for_test(std::move(classes));
  return o.limit > 0 ? images.head(o.limit) : images;
}

/// The layer that stretches most, where one does: what a smaller bound would have to begin with.
template <typename Scalar>
void print_dearest_layer(std::ostream& people, const Certifier<Scalar>& certifier) {
  const std::vector<double> bounds = certifier.layer_bounds();
  const auto dearest = std::max_element(bounds.begin(), bounds.end());
  if (dearest == bounds.end() || !(*dearest > 1)) return;
  const auto l = static_cast<std::size_t>(dearest - bounds.begin());
  people << "\nthe layers before the head stretch by at most "
         << rounded_text(rounding::product_up(bounds), 4) << " in all, layer " << l
         << " most of all, by " << rounded_text(*dearest, 4) << '\n';
}

template <typename Scalar>
void run(const Options& o, const Catalogue& catalogue) {
  LoadOptions limits{.catalogue = catalogue};
  if (o.gigabytes > 0) limits.most_memory = 1e9 * o.gigabytes;
  Outputs outputs(o);
  std::ostream& people =
      ::people({&outputs.csv, &outputs.json, &outputs.evidence, &outputs.report});
  std::optional<data::Dataset> given;
  if (is_onnx(o.model)) given = chosen_images(o, {});  // they say what the file may leave open
  const LoadedModel<Scalar> loaded = given ? load_network<Scalar>(o.model, limits, *given, people)
                                           : load_model<Scalar>(o.model, limits);
  const GloroModel<Scalar>& model = loaded.model;
  std::vector<double> epsilons = o.epsilons;
  if (epsilons.empty() && loaded.metadata.epsilon) epsilons.push_back(*loaded.metadata.epsilon);
  report::TrainingLog log;
  if (!o.log.empty()) log = report::read_training_log(o.log);

  const int classes = static_cast<int>(model.classes());
  data::Dataset images =
      given ? std::move(*given) : chosen_images(o, class_names_of(loaded.metadata, classes));
  if (images.shape() != model.input_shape())
    throw ShapeError(message(o.model, " takes images of ", model.input_shape(), ", ", images.name(),
                             " has ", images.shape()));
  if (images.classes() > classes)
    throw ShapeError(message(o.model, " knows ", classes, " classes, and ", images.name(),
                             " has labels of ", images.classes()));
  const RangeCheck range = check_range(images, o.model, loaded.metadata.input_range);
  if (!range.warning.empty()) std::cerr << "certify: warning: " << range.warning << '\n';

  Workers workers(o.threads);
  const auto start = std::chrono::steady_clock::now();
  const Certifier<Scalar> certifier(model, chosen_guarantee(o, model, images.class_names()));
  const bool is_relaxed = certifier.guarantee().is_relaxed();
  const auto begin = std::chrono::steady_clock::now();
  const Certificates certified = certify_all(certifier, images, workers);
  const std::chrono::duration<double> preparation = begin - start;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;

  const Index total = images.size();
  const std::vector<int>& labels = images.labels();
  const Figures figures{certified, labels, epsilons, is_relaxed};
  OrderedJson summary{
      {"model", utf8_text(o.model)}, {"dataset", utf8_text(images.name())}, {"images", total}};
  summary["input_range"] = to_json(range);
  if (is_relaxed) summary["guarantee"] = to_json(certifier.guarantee());
  people << total << " images of " << images.name();
  if (images.has_labels()) {
    const CertifiedMetrics at_zero = tally(certified, labels, 0);
    summary["clean_accuracy"] = at_zero.clean_accuracy();
    people << ", clean accuracy " << percent_down(at_zero.right, total) << " %";
  }
  if (is_relaxed) people << ", guarantee " << certifier.guarantee().text();
  people << "\n\n";
  print(people, figures);
  const auto least = std::min_element(epsilons.begin(), epsilons.end());
  if (least != epsilons.end() && tally(certified, {}, *least).certified == 0)
    people << '\n' << why_nothing_is_certified(*least, certifier.layer_bounds()) << '\n';
  summary["results"] = to_json(figures);
  summary["layer_bounds"] = certifier.layer_bounds();
  print_dearest_layer(people, certifier);
  if (const std::vector<std::size_t> quick = certifier.quickly_bounded(); !quick.empty()) {
    summary["quickly_bounded_layers"] = quick;
    people << "\nbounded roughly, as better bounds would cost too much: layers";
    for (const std::size_t l : quick) people << ' ' << l;
    people << '\n';
  }
  summary["seconds"] = {{"bounds", preparation.count()}, {"images", time.count()}};
  people << "\nbounds in " << rounded_text(preparation.count(), 3) << " s, images in "
         << rounded_text(time.count(), 3) << " s\n";

  std::vector<ReportRival> rivals =
      certify_program::rivals<Scalar>(o, limits, images, certifier.guarantee(), workers);
  if (outputs.csv) write_csv(std::move(*outputs.csv), certified, images, certifier.guarantee());
  if (outputs.json) {
    outputs.json->write(summary.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
    outputs.json->commit();
  }
  if (outputs.evidence) {
    outputs.evidence->write(evidence::text(o.model, certifier, certified, images));
    outputs.evidence->commit();
  }
  if (outputs.report)
    write_report_on(std::move(*outputs.report), o, certifier, certified, std::move(images),
                    loaded.metadata.epsilon, epsilons, range.warning, std::move(log),
                    std::move(rivals));
}

}  // namespace certify_program

/// Runs the program: its exit code is 0 when done, 1 for a file or a model that cannot be used, 2 for a
/// wrong command line.
inline int certify(int argc, char** argv, const gloro::Catalogue& catalogue) {
  certify_program::Options o;
  command_line::Program program(
      "certify",
      "Certifies images: the label of each that is proved, and the radius (2-norm, in pixel units) "
      "within which no change of the image changes it; for a relaxed guarantee, a set of classes.");
  certify_program::add_options(program, o);
  o.command = command_text("certify", argc, argv);
  return program.run(argc, argv, [&] {
    image_options::check(o.images, "");
    if (!o.evidence.empty() && o.images.are_own())
      throw command_line::Mistake("--evidence is about images of a --dataset");
    if (o.compare.size() > 3)
      throw command_line::Mistake(
          gloro::message("--compare takes three models at most, got ", o.compare.size()));
    if (o.in_double)
      certify_program::run<double>(o, catalogue);
    else
      certify_program::run<float>(o, catalogue);
  });
}
