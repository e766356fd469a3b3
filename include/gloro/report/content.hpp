// What a report is made of: certificates with their images, the layers with both Lipschitz numbers,
// a training log; and the counts that its tables quote (certify/summary.hpp).
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "gloro/certify/certifier.hpp"
#include "gloro/certify/summary.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/model/settle.hpp"
#include "gloro/report/detail/text.hpp"
#include "gloro/report/training_log.hpp"

namespace gloro {

/// A layer as the report shows it.
struct ReportLayer {
  std::string text;  ///< type and options
  Shape output;
  Index parameters = 0;    ///< trained values
  double estimate = 1;     ///< by power iteration: never above the true constant
  double upper_bound = 1;  ///< rigorous: never below it
  bool is_quick = false;   ///< a rough bound, for a better would cost too much
};

/// Everything that write_report shows. Parts that are left empty are left out of the page.
struct ReportInput {
  std::string model;                     ///< the page's title: the model's name or file
  Shape input;                           ///< of one image
  std::vector<ReportLayer> layers = {};  ///< the head last
  data::Dataset images = {};             ///< with labels or without; it names the classes
  Certificates certified = {};           ///< an answer an image, with the best radius proved
  double epsilon = 0;                    ///< the radius that the headline quotes
  std::vector<double> epsilons = {};     ///< more radii for the table, in any order
  Guarantee guarantee = {};              ///< the certifier's
  std::string warning = {};              ///< said at the top: images in another unit, say
  report::TrainingLog log = {};
};

/// The layers of a certified model: rigorous bounds as the certifier uses them, estimates by power
/// iteration in double until it settles.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<ReportLayer> report_layers(const Certifier<Scalar>& certifier) {
  const GloroModel<Scalar>& model = certifier.model();
  GloroModel<double> settled = model.template cast<double>();
  try {
    settle_lipschitz(settled, {.tolerance = 1e-9});
  } catch (const Error&) {  // slow convergence: the estimate stands where it got to, still valid
  }
  std::vector<double> bounds = certifier.layer_bounds();
  bounds.push_back(model.layers().back().lipschitz_upper_bound());
  const std::vector<std::size_t> quick = certifier.quickly_bounded();
  std::vector<ReportLayer> layers;
  for (std::size_t l = 0; l < model.layers().size(); ++l) {
    ReportLayer layer;
    try {
      layer.text = report::layer_text(model.layers()[l].describe());
    } catch (const Error&) {  // a user's own layer need not describe itself
      layer.text = "a layer without a description";
    }
    layer.output = model.output_shape(l);
    for (const auto* parameter : model.layers()[l].parameters())
      layer.parameters += parameter->value.size();
    layer.estimate = settled.layers()[l].lipschitz();
    layer.upper_bound = bounds[l];
    layer.is_quick = std::find(quick.begin(), quick.end(), l) != quick.end();
    layers.push_back(layer);
  }
  return layers;
}

namespace report {

/// What is known about one image. Certified and verified are by the guarantee: by its sets, of which the
/// label is the only one for top-1; for a relaxed one the page says so.
struct Answer {
  Index index = 0;
  int truth = abstain;  ///< `abstain` where no label is known
  int top = abstain;    ///< largest computed logit
  Certificate proved;

  [[nodiscard]] bool is_right() const { return top == truth; }
  [[nodiscard]] bool is_certified(double epsilon) const {
    return stands(proved.set_radius(), epsilon);
  }
  /// Of the best proved answer that has the true class in it.
  [[nodiscard]] double verified_radius() const {
    return truth == abstain ? 0 : proved.set_radius_of(truth);
  }
  [[nodiscard]] bool is_verified(double epsilon) const {
    return stands(verified_radius(), epsilon);
  }
};

/// Throws ArgumentError where the parts of the input do not belong together.
[[nodiscard]] inline std::vector<Answer> answers(const ReportInput& input) {
  const auto size = static_cast<std::size_t>(input.images.size());
  if (input.certified.answers.size() != size || input.certified.top.size() != size)
    throw ArgumentError(message("a report on ", size, " images takes as many answers, got ",
                                input.certified.answers.size(), " and ", input.certified.top.size(),
                                " top classes"));
  for (const double epsilon : input.epsilons)
    if (!(epsilon >= 0)) throw ArgumentError(message("epsilon must be >= 0, got ", epsilon));
  if (!(input.epsilon >= 0))
    throw ArgumentError(message("epsilon must be >= 0, got ", input.epsilon));
  std::vector<Answer> all(size);
  for (std::size_t i = 0; i < size; ++i) {
    const int truth = input.images.has_labels() ? input.images.labels()[i] : abstain;
    all[i] = {static_cast<Index>(i), truth, input.certified.top[i], input.certified.answers[i]};
    if (!(all[i].proved.radius >= 0 && all[i].proved.set_radius() >= 0))
      throw ArgumentError(message("image ", i, " has the radius ", all[i].proved.radius));
  }
  return all;
}

/// The headline's epsilon and the others, in rising order, each once.
[[nodiscard]] inline std::vector<double> all_epsilons(const ReportInput& input) {
  std::vector<double> all = input.epsilons;
  all.push_back(input.epsilon);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

struct Counts : CertifiedMetrics {
  double radius_sum = 0;  ///< over the right answers; for the average certified radius

  void add(const Answer& answer, double epsilon) {
    count(answer.proved, answer.top, answer.truth, epsilon);
    radius_sum += answer.verified_radius();
  }
  /// The mean of the proved radii, 0 for images whose label is wrong or not proved.
  [[nodiscard]] double average_radius() const { return share(radius_sum); }
};

[[nodiscard]] inline Counts count(const std::vector<Answer>& answers, double epsilon) {
  Counts counts;
  for (const Answer& answer : answers) counts.add(answer, epsilon);
  return counts;
}

/// The radii of the answers that are above zero, in rising order.
template <typename Radius>
[[nodiscard]] std::vector<double> sorted_radii(const std::vector<Answer>& answers,
                                               Radius radius_of) {
  std::vector<double> radii;
  for (const Answer& answer : answers)
    if (radius_of(answer) > 0) radii.push_back(radius_of(answer));
  std::sort(radii.begin(), radii.end());
  return radii;
}

/// Share of `of` with a radius above r.
[[nodiscard]] inline double share_above(const std::vector<double>& sorted, double r,
                                        std::size_t of) {
  const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), r);
  return of > 0 ? static_cast<double>(above) / static_cast<double>(of) : 0;
}

}  // namespace report
}  // namespace gloro
