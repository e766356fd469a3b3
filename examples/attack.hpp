// The command line of `attack`, for the library's layers or, by a catalogue, a program's own.
#pragma once

#include <gloro/attack/boundary.hpp>
#include <gloro/attack/lower_bounds.hpp>
#include <gloro/attack/pgd.hpp>
#include <gloro/certify/certified_metrics.hpp>
#include <gloro/certify/summary.hpp>
#include <gloro/core/decimal.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/infinity.hpp>
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

#include "command_line.hpp"
#include "image_options.hpp"
#include "load_network.hpp"
#include "origin.hpp"
#include "outputs.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace attack_program {

struct Options {
  std::string model;
  ImageOptions images;
  double epsilon = 0;  // 0: the model's
  int steps = 50, restarts = 1, rivals = 2, threads = 0;
  gloro::Index limit = 0, tightness = 0, radii = 0;
  bool is_boxed = true;
  std::uint64_t seed = 0;
  std::string csv, json, report;
  std::string command;  // as it was given, for the report
};

inline void add_options(command_line::Program& program, Options& o) {
  using namespace command_line;
  program.add("model", o.model, "a .safetensors file, or a network in ONNX (.onnx)")->required();
  image_options::add(program, o.images, "labelled images to attack");
  program.add("--epsilon", o.epsilon, "radius; default: the one in the model file", positive);
  program.add("--steps", o.steps, "of one descent", count_from(0));
  program.add("--restarts", o.restarts, "descents from other starts", count_from(1));
  program.add("--rivals", o.rivals, "descents aimed at so many rivals, in each restart",
              count_from(0));
  program.add_flag("--box,!--no-box,!--no_box", o.is_boxed, "keep pixels in [0, 1] (default)");
  program.add("--limit", o.limit, "attack the first so many test images; 0: all", count_from(0));
  program.add("--tightness", o.tightness,
              "search for Lipschitz lower bounds from so many test images", count_from(0));
  program.add("--radii", o.radii, "find the nearest adversarials of so many test images",
              count_from(0));
  program.add("--csv", o.csv,
              "file to write with a row an image: index,label,predicted,certified_radius,pgd_moved,"
              "moved_at,moved_to; the last two, of the nearest adversarial, with --radii alone");
  program.add("--json", o.json, "file to write the summary to");
  program.add("--report", o.report,
              "HTML file to write: the images of --radii (default 200) beside their nearest "
              "adversarials, curves of proof and attack");
  program.add("--threads", o.threads, "0: one a core", threads());
  program.add("--seed", o.seed, "of the starts", seed());
}

/// Which samples PGD moved.
inline std::vector<bool> moved_by_pgd(const gloro::GloroModel<float>& model,
                                      const gloro::data::Dataset& test, const Options& o,
                                      gloro::Workers& workers) {
  using namespace gloro;
  constexpr Index slab = 500;
  attack::PgdOptions options{.steps = o.steps, .restarts = o.restarts, .rivals = o.rivals};
  if (o.is_boxed) options.box = attack::Box{};
  std::vector<bool> moved;
  StatusLine status(std::cerr, [] { return terminal_columns(2); });
  for (Index first = 0; first < test.size(); first += slab) {
    const Index count = std::min(slab, test.size() - first);
    options.seed = Random(o.seed).split(static_cast<std::uint64_t>(first)).bits();
    const auto labels =
        std::span(test.labels())
            .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    const auto found =
        attack::pgd(model, test.images(first, count), labels, o.epsilon, options, workers);
    for (const attack::Attempt& attempt : found.attempts) moved.push_back(attempt.success);
    status.show({{message("attacked ", first + count, " of ", test.size()), 0}},
                static_cast<double>(first + count), static_cast<double>(test.size()));
  }
  status.clear();
  return moved;
}

inline double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

inline void print_tightness(std::ostream& people, const gloro::Certifier<float>& certifier,
                            const gloro::data::Dataset& test, const Options& o,
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

/// The first images with their proofs and the nearest adversarials that were found.
struct Radii {
  gloro::data::Dataset images;
  gloro::Certificates certified;
  gloro::ReportAttack attack;
};

inline Radii find_radii(const gloro::Certifier<float>& certifier, const gloro::data::Dataset& test,
                        const Options& o, gloro::Workers& workers) {
  using namespace gloro;
  Radii all{test.head(o.radii), {}, {}};
  const Tensor<float> images = all.images.images(0, all.images.size());
  all.certified = certifier.certify(images, {.workers = &workers});
  attack::BoundaryOptions options{.rivals = o.rivals, .restarts = o.restarts, .seed = o.seed};
  if (o.is_boxed) options.box = attack::Box{};
  auto found = attack::boundary(certifier.model(), images, all.certified.top, options, workers);
  const Tensor<float> logits = certifier.model().logits(found.points);
  for (std::size_t n = 0; n < found.attempts.size(); ++n) {
    const attack::Attempt& attempt = found.attempts[n];
    const auto label_of = [&](int unless) {  // the largest logit of another class
      const float* y = logits.sample(static_cast<Index>(n));
      int best = -1;
      for (int i = 0; i < certifier.model().classes(); ++i)
        if (i != unless && (best < 0 || y[i] > y[best])) best = i;
      return best;
    };
    all.attack.distances.push_back(attempt.success ? attempt.distance : infinity);
    all.attack.labels.push_back(attempt.success ? label_of(all.certified.top[n]) : abstain);
  }
  all.attack.points = std::move(found.points);
  return all;
}

inline void print(std::ostream& people, const Radii& all) {
  std::vector<double> radii, distances, shares;
  for (std::size_t n = 0; n < all.certified.answers.size(); ++n) {
    if (all.certified.answers[n].abstains() || !(all.attack.distances[n] < gloro::infinity))
      continue;
    radii.push_back(all.certified.answers[n].radius);
    distances.push_back(all.attack.distances[n]);
    shares.push_back(radii.back() / distances.back());
  }
  if (radii.empty()) return;
  people << "radii of " << radii.size() << " images\n"
         << "  certified            " << median(radii) << " (median)\n"
         << "  nearest adversarial  " << median(distances) << " (median)\n"
         << "  certified share      " << 100 * median(shares) << " % (median), "
         << 100 * *std::max_element(shares.begin(), shares.end()) << " % (largest)\n";
}

/// A row an image; where no nearest adversarial was looked for or found, the last cells are empty.
inline std::string csv(const gloro::Certificates& certified, const gloro::data::Dataset& test,
                       const std::vector<bool>& moved, const Radii& nearest) {
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

  explicit Outputs(const Options& o)
      : csv(output(o.csv)), json(output(o.json)), report(output(o.report)) {
    std::vector<std::filesystem::path> inputs = o.images.inputs();
    inputs.push_back(o.model);
    require_apart({&csv, &json, &report}, std::move(inputs), o.images.folder());
  }
};

inline void write_report_on(gloro::OutputFile file, const Options& o,
                            const gloro::Certifier<float>& certifier, Radii nearest,
                            const std::string& warning) {
  using namespace gloro;
  auto from = origin(o.command, {o.model}, nearest.images);
  const std::vector<double> radii = nearest.images.radii();
  write_report(std::move(file), {.model = std::filesystem::path(o.model).stem().string(),
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

inline void run(Options o, const gloro::Catalogue& catalogue) {
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
  const data::Dataset test = given ? std::move(*given) : images(class_names_of(metadata, classes));
  const RangeCheck range = check_range(test, o.model, metadata.input_range);
  if (!range.warning.empty()) std::cerr << "attack: warning: " << range.warning << '\n';
  Workers workers(o.threads);
  const Certifier<float> certifier(model, Guarantee::top_1());  // what the attacks aim at

  const CertifiedMetrics metrics = certified_metrics(certifier, test, o.epsilon, workers);
  const std::vector<bool> moved = moved_by_pgd(model, test, o, workers);
  const auto unmoved = static_cast<Index>(std::count(moved.begin(), moved.end(), false));
  if (o.tightness > 0) print_tightness(people, certifier, test, o, workers);
  Radii nearest;
  if (o.radii > 0) nearest = find_radii(certifier, test, o, workers);
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
                              {"seed", o.seed}};
    outputs.json->write(summary.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
    outputs.json->commit();
  }
  if (outputs.report)
    write_report_on(std::move(*outputs.report), o, certifier, std::move(nearest), range.warning);
}

}  // namespace attack_program

/// Runs the program: its exit code is 0 when done, 1 for a file or a model that cannot be used, 2 for a
/// wrong command line.
inline int attack(int argc, char** argv, const gloro::Catalogue& catalogue) {
  attack_program::Options o;
  command_line::Program program(
      "attack", "Attacks a saved network and compares the outcome with its certificates.");
  attack_program::add_options(program, o);
  o.command = command_text("attack", argc, argv);
  return program.run(argc, argv, [&] { attack_program::run(o, catalogue); });
}
