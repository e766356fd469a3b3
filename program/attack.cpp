// gloro attack: attacks a saved model and prints the paper's columns: clean accuracy, accuracy under PGD, and
// verified-robust accuracy (VRA) by sound certificates; with --tightness, how far its Lipschitz
// bounds lie above what is found from below; with --radii, certified radii against nearest
// adversarials.
//   gloro attack model.safetensors --dataset mnist --epsilon 0.3 --steps 50 --restarts 3
#include <gloro/attack/boundary.hpp>
#include <gloro/attack/lower_bounds.hpp>
#include <gloro/attack/pgd.hpp>
#include <gloro/certify/certifier.hpp>
#include <gloro/certify/summary.hpp>
#include <gloro/core/decimal.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/number.hpp>
#include <gloro/core/random.hpp>
#include <gloro/core/terminal.hpp>
#include <gloro/core/utf8.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/io/class_names.hpp>
#include <gloro/io/input_range.hpp>
#include <gloro/io/json.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/layers/catalogue.hpp>
#include <gloro/parallel/workers.hpp>
#include <gloro/report/report.hpp>

#include "commands.hpp"
#include "image_options.hpp"
#include "json_output.hpp"
#include "load_network.hpp"
#include "nearest.hpp"
#include "origin.hpp"
#include "outputs.hpp"
#include "report_page.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

struct AttackCommand {
  std::string model;
  ImageOptions images;
  double epsilon = 0;  // 0: the model's
  int steps = 50, restarts = 1, rivals = 2, threads = 0;
  gloro::Index limit = 0, tightness = 0, radii = 0;
  bool is_boxed = true, is_only_uncertified = false;
  std::uint64_t seed = 0;
  std::string csv, json, report;
  std::string name, command;  // of the command, and as it was given, for the report
};

void add_options(command_line::Options& command, AttackCommand& o) {
  using namespace command_line;
  command.add("model", o.model, "a .safetensors file, or a network in ONNX (.onnx)", File{})
      .required();
  image_options::add(command, o.images, "labelled images to attack");
  command.add("--epsilon", o.epsilon, "radius; default: the one in the model file", positive);
  command.add("--steps", o.steps, "of one descent", count_from(0));
  command.add("--restarts", o.restarts, "descents from other starts", count_from(1));
  command.add("--rivals", o.rivals, "descents aimed at so many rivals, in each restart",
              count_from(0));
  command.add_flag("--box,!--no-box,!--no_box", o.is_boxed, "keep pixels in [0, 1] (default)");
  command.add("--limit", o.limit, "attack the first so many test images; 0: all", count_from(0));
  command.add_flag("--only_uncertified", o.is_only_uncertified,
                   "leave out of PGD what is certified, which it cannot move: the same figures "
                   "sooner, but no trial of the certificates");
  command.add("--tightness", o.tightness,
              "search for Lipschitz lower bounds from so many test images", count_from(0));
  command.add("--radii", o.radii, "find the nearest adversarials of so many test images",
              count_from(0));
  command.add("--csv", o.csv,
              "file to write with a row an image: index,label,predicted,certified_radius,pgd_moved,"
              "moved_at,moved_to; the last two, of the nearest adversarial, with --radii alone",
              File{});
  command.add("--json", o.json, "file to write the summary to", File{});
  command.add("--report", o.report,
              "HTML file to write: the images of --radii (default 200) beside their nearest "
              "adversarials, curves of proof and attack",
              File{});
  command.add("--threads", o.threads, "0: one a core", threads());
  command.add("--seed", o.seed, "of the starts", seed());
}

/// How far PGD may go from each sample: epsilon, or not at all where the certificate leaves it nothing to find.
std::vector<double> radii_for_pgd(const gloro::Certificates& certified, const AttackCommand& o) {
  std::vector<double> radii;
  for (const gloro::Certificate& answer : certified.answers)
    radii.push_back(o.is_only_uncertified && gloro::stands(answer.radius, o.epsilon) ? 0
                                                                                     : o.epsilon);
  return radii;
}

/// Which samples PGD moved.
std::vector<bool> moved_by_pgd(const gloro::GloroModel<float>& model,
                               const gloro::data::Dataset& test, const std::vector<double>& radii,
                               const AttackCommand& o, gloro::Workers& workers) {
  using namespace gloro;
  constexpr Index slab = 500;
  attack::PgdOptions options{.steps = o.steps, .restarts = o.restarts, .rivals = o.rivals};
  if (o.is_boxed) options.box = attack::Box{};
  std::vector<bool> moved;
  StatusLine status(std::cerr, [] { return terminal_columns(2); });
  for (Index first = 0; first < test.size(); first += slab) {
    const Index count = std::min(slab, test.size() - first);
    options.seed = Random(o.seed).split(static_cast<std::uint64_t>(first)).bits();
    const auto of_slab = [&]<class T>(const std::vector<T>& all) {
      return std::span(all).subspan(static_cast<std::size_t>(first),
                                    static_cast<std::size_t>(count));
    };
    const auto found = attack::pgd(model, test.images(first, count), of_slab(test.labels()),
                                   of_slab(radii), options, workers);
    for (const attack::Attempt& attempt : found.attempts) moved.push_back(attempt.success);
    status.show({{message("attacked ", first + count, " of ", test.size()), 0}},
                static_cast<double>(first + count), static_cast<double>(test.size()));
  }
  status.clear();
  return moved;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void print_tightness(std::ostream& people, const gloro::Certifier<float>& certifier,
                     const gloro::data::Dataset& test, const AttackCommand& o,
                     gloro::Workers& workers) {
  using namespace gloro;
  const Tensor<float> starts = test.images(0, std::min(o.tightness, test.size()));
  const attack::LowerBoundOptions options{.seed = o.seed};
  const Matrix<double>& upper = certifier.margin_constants();
  const Matrix<double> lower =
      attack::global_lower_bounds(certifier.model(), starts, options, workers);
  const auto local =
      attack::local_lower_bounds(certifier.model(), starts, o.epsilon, options, workers);
  people << "Lipschitz constant of the margins, " << starts.batch() << " images to start from\n"
         << "  global upper bound  " << upper.maxCoeff() << '\n'
         << "  global lower bound  " << lower.maxCoeff() << '\n'
         << "  local lower bound   " << mean(local) << " (mean), "
         << *std::max_element(local.begin(), local.end()) << " (largest)\n";
}

gloro::attack::BoundaryOptions boundary_options(const AttackCommand& o) {
  gloro::attack::BoundaryOptions options{
      .rivals = o.rivals, .restarts = o.restarts, .seed = o.seed};
  if (o.is_boxed) options.box = gloro::attack::Box{};
  return options;
}

/// A row an image; where no nearest adversarial was looked for or found, the last cells are empty.
std::string csv(const gloro::Certificates& certified, const gloro::data::Dataset& test,
                const std::vector<bool>& moved, const Nearest& nearest) {
  std::string text = "index,label,predicted,certified_radius,pgd_moved,moved_at,moved_to\n";
  for (std::size_t n = 0; n < certified.answers.size(); ++n) {
    const gloro::Certificate& answer = certified.answers[n];
    const bool is_found = n < nearest.attack.distances.size() && nearest.attack.labels[n] >= 0;
    text += gloro::message(n, ',', test.labels()[n], ',', answer.label, ',',
                           gloro::decimal_down(answer.radius), ',', moved[n] ? 1 : 0, ',');
    if (is_found)
      text += gloro::number_text(nearest.attack.distances[n]) + ',' +
              std::to_string(nearest.attack.labels[n]);
    else
      text += ',';
    text += '\n';
  }
  return text;
}

/// What is written, tried before the work begins.
struct Outputs {
  Output csv, json, report;

  explicit Outputs(const AttackCommand& o)
      : csv(output(o.csv)), json(output(o.json)), report(output(o.report)) {
    std::vector<std::filesystem::path> inputs = o.images.inputs();
    inputs.push_back(o.model);
    require_apart({&csv, &json, &report}, std::move(inputs), o.images.folder());
  }
};

void write_report_on(gloro::OutputFile file, const AttackCommand& o,
                     const gloro::Certifier<float>& certifier, Nearest nearest,
                     const std::string& warning) {
  using namespace gloro;
  auto from = origin(o.command, {o.model}, nearest.images);
  const std::vector<double> radii = nearest.images.radii();
  write_report(std::move(file), {.model = name_of_model(o.model),
                                 .input = certifier.model().input_shape(),
                                 .layers = report_layers(certifier),
                                 .images = std::move(nearest.images),
                                 .certified = std::move(nearest.certified),
                                 .epsilon = o.epsilon,
                                 .epsilons = radii,
                                 .warning = warning,
                                 .attack = std::move(nearest.attack),
                                 .origin = std::move(from)});
}

void run(AttackCommand o, const gloro::Catalogue& catalogue) {
  using namespace gloro;
  image_options::check(o.images, "mnist");
  if (!o.report.empty() && o.radii == 0) o.radii = 200;
  Outputs outputs(o);
  std::ostream& people = ::people({&outputs.csv, &outputs.json, &outputs.report});
  const auto images = [&o](std::vector<std::string> classes) {
    const data::Dataset test = o.images.for_test(std::move(classes));
    if (!test.has_labels())
      throw ArgumentError(message(test.name(), ": has no labels: give --labels"));
    return o.limit > 0 ? test.head(o.limit) : test;
  };
  std::optional<data::Dataset> given;
  if (is_onnx(o.model)) given = images({});  // they say what the file may leave open
  const LoadOptions limits{.catalogue = catalogue};
  const auto [model, metadata] = given ? load_network<float>(o.model, limits, *given, people)
                                       : load_model<float>(o.model, limits);
  if (o.epsilon == 0) o.epsilon = metadata.epsilon.value_or(0);
  if (!(o.epsilon > 0))
    throw ArgumentError("the model file names no epsilon: give one by --epsilon");
  const int classes = static_cast<int>(model.classes());
  const data::Dataset test = image_options::in_float(
      given ? std::move(*given) : images(class_names_of(metadata, classes)), people);
  require_fit(o.model, model, test);
  const RangeCheck range = check_range(test, o.model, metadata.input_range);
  if (!range.warning.empty()) command_line::warn(o.name, range.warning);
  Workers workers(o.threads);
  const Certifier<float> certifier(model, Guarantee::top_1());  // what the attacks aim at

  const Certificates certified =
      certifier.certify(test, {.epsilon = o.epsilon, .workers = &workers});
  const CertifiedMetrics metrics = tally(certified, test.labels(), o.epsilon);
  const std::vector<bool> moved =
      moved_by_pgd(model, test, radii_for_pgd(certified, o), o, workers);
  const auto unmoved = static_cast<Index>(std::count(moved.begin(), moved.end(), false));
  if (o.tightness > 0) print_tightness(people, certifier, test, o, workers);
  Nearest nearest;
  if (o.radii > 0)
    nearest = find_nearest(certifier, test.head(o.radii), boundary_options(o), workers);
  print(people, nearest);
  people << "result dataset=" << o.images.name() << " epsilon=" << number_text(o.epsilon)
         << " images=" << test.size() << " clean=" << percent_down(metrics.right, test.size())
         << " pgd=" << percent_down(unmoved, test.size())
         << " vra=" << percent_down(metrics.right_and_certified, test.size()) << std::endl;

  if (outputs.csv) {
    outputs.csv->write(csv(certifier.certify(test, {.workers = &workers}), test, moved, nearest));
    outputs.csv->commit();
  }
  if (outputs.json) {
    const auto share = [&](Index count) {
      return static_cast<double>(count) / static_cast<double>(test.size());
    };
    const OrderedJson summary{{"model", utf8_text(o.model)},
                              {"dataset", utf8_text(test.name())},
                              {"images", test.size()},
                              {"input_range", to_json(range)},
                              {"epsilon", o.epsilon},
                              {"clean_accuracy", metrics.clean_accuracy()},
                              {"pgd_accuracy", share(unmoved)},
                              {"vra", metrics.vra()},
                              {"steps", o.steps},
                              {"restarts", o.restarts},
                              {"rivals", o.rivals},
                              {"only_uncertified", o.is_only_uncertified},
                              {"seed", o.seed}};
    write_json(outputs.json, summary);
  }
  if (outputs.report)
    write_report_on(std::move(*outputs.report), o, certifier, std::move(nearest), range.warning);
}

}  // namespace

void add_attack(command_line::Program& program, const gloro::Catalogue& catalogue) {
  command_line::Command& command = program.command(
      "attack", "Attacks a saved network and compares the outcome with its certificates.");
  const auto o = std::make_shared<AttackCommand>();
  add_options(command, *o);
  command.does([o, &catalogue, &command](const command_line::Arguments& arguments) {
    o->name = command.name();
    o->command = command_text(command, arguments);
    run(*o, catalogue);
    return 0;
  });
}
