// The command line of `attack`, for the library's layers or, by a catalogue, a program's own.
#pragma once

#include <gloro/attack/boundary.hpp>
#include <gloro/attack/lower_bounds.hpp>
#include <gloro/attack/pgd.hpp>
#include <gloro/certify/certified_metrics.hpp>
#include <gloro/certify/summary.hpp>
#include <gloro/core/decimal.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/number.hpp>
#include <gloro/core/random.hpp>
#include <gloro/core/terminal.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/io/class_names.hpp>
#include <gloro/io/input_range.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/layers/catalogue.hpp>
#include <gloro/parallel/workers.hpp>

#include "command_line.hpp"
#include "image_options.hpp"

#include <algorithm>
#include <iostream>
#include <numeric>
#include <string>
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
};

inline void add_options(command_line::Program& program, Options& o) {
  using namespace command_line;
  program.add("model", o.model, "a .safetensors file")->required();
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
  program.add("--threads", o.threads, "0: one a core", threads());
  program.add("--seed", o.seed, "of the starts", seed());
}

/// Samples that PGD did not move.
inline gloro::Index unmoved_by_pgd(const gloro::GloroModel<float>& model,
                                   const gloro::data::Dataset& test, const Options& o,
                                   gloro::Workers& workers) {
  using namespace gloro;
  constexpr Index slab = 500;
  attack::PgdOptions options{.steps = o.steps, .restarts = o.restarts, .rivals = o.rivals};
  if (o.is_boxed) options.box = attack::Box{};
  Index moved = 0;
  StatusLine status(std::cerr, [] { return terminal_columns(2); });
  for (Index first = 0; first < test.size(); first += slab) {
    const Index count = std::min(slab, test.size() - first);
    options.seed = Random(o.seed).split(static_cast<std::uint64_t>(first)).bits();
    const auto labels =
        std::span(test.labels())
            .subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    moved += attack::pgd(model, test.images(first, count), labels, o.epsilon, options, workers)
                 .successes();
    status.show({{message("attacked ", first + count, " of ", test.size()), 0}},
                static_cast<double>(first + count), static_cast<double>(test.size()));
  }
  status.clear();
  return test.size() - moved;
}

inline double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

inline void print_tightness(const gloro::Certifier<float>& certifier,
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
  std::cout << "Lipschitz constant of the margins, " << starts.batch() << " images to start from\n"
            << "  global upper bound  " << upper.maxCoeff() << '\n'
            << "  global lower bound  " << lower.maxCoeff() << '\n'
            << "  local lower bound   " << mean(local) << " (mean), "
            << *std::max_element(local.begin(), local.end()) << " (largest)\n";
}

inline void print_radii(const gloro::Certifier<float>& certifier, const gloro::data::Dataset& test,
                        const Options& o, gloro::Workers& workers) {
  using namespace gloro;
  const Tensor<float> images = test.images(0, std::min(o.radii, test.size()));
  const Certificates certified = certifier.certify(images, {.workers = &workers});
  attack::BoundaryOptions options{.rivals = o.rivals, .restarts = o.restarts, .seed = o.seed};
  if (o.is_boxed) options.box = attack::Box{};
  const auto found = attack::boundary(certifier.model(), images, certified.top, options, workers);
  std::vector<double> radii, distances, shares;
  for (std::size_t n = 0; n < certified.answers.size(); ++n) {
    if (certified.answers[n].abstains() || !found.attempts[n].success) continue;
    radii.push_back(certified.answers[n].radius);
    distances.push_back(found.attempts[n].distance);
    shares.push_back(radii.back() / distances.back());
  }
  if (radii.empty()) return;
  std::cout << "radii of " << radii.size() << " images\n"
            << "  certified            " << median(radii) << " (median)\n"
            << "  nearest adversarial  " << median(distances) << " (median)\n"
            << "  certified share      " << 100 * median(shares) << " % (median), "
            << 100 * *std::max_element(shares.begin(), shares.end()) << " % (largest)\n";
}

inline void run(Options o, const gloro::Catalogue& catalogue) {
  using namespace gloro;
  image_options::check(o.images, "mnist");
  const auto [model, metadata] = load_model<float>(o.model, {.catalogue = catalogue});
  if (o.epsilon == 0) o.epsilon = metadata.epsilon.value_or(0);
  if (!(o.epsilon > 0))
    throw ArgumentError("the model file names no epsilon: give one by --epsilon");
  const int classes = static_cast<int>(model.classes());
  data::Dataset test = o.images.for_test(class_names_of(metadata, classes));
  if (!test.has_labels())
    throw ArgumentError(message(test.name(), ": has no labels: give --labels"));
  if (o.limit > 0) test = test.head(o.limit);
  const RangeCheck range = check_range(test, o.model, metadata.input_range);
  if (!range.warning.empty()) std::cerr << "attack: warning: " << range.warning << '\n';
  Workers workers(o.threads);
  const Certifier<float> certifier(model, Guarantee::top_1());  // what the attacks aim at

  const CertifiedMetrics metrics = certified_metrics(certifier, test, o.epsilon, workers);
  const Index unmoved = unmoved_by_pgd(model, test, o, workers);
  if (o.tightness > 0) print_tightness(certifier, test, o, workers);
  if (o.radii > 0) print_radii(certifier, test, o, workers);
  std::cout << "result dataset=" << o.images.name() << " epsilon=" << number_text(o.epsilon)
            << " images=" << test.size() << " clean=" << percent_down(metrics.right, test.size())
            << " pgd=" << percent_down(unmoved, test.size())
            << " vra=" << percent_down(metrics.right_and_certified, test.size()) << std::endl;
}

}  // namespace attack_program

/// Runs the program: its exit code is 0 when done, 1 for a file or a model that cannot be used, 2 for a
/// wrong command line.
inline int attack(int argc, char** argv, const gloro::Catalogue& catalogue) {
  attack_program::Options o;
  command_line::Program program(
      "attack", "Attacks a saved network and compares the outcome with its certificates.");
  attack_program::add_options(program, o);
  return program.run(argc, argv, [&] { attack_program::run(o, catalogue); });
}
