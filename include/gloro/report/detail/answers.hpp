// What is known about the images of a report, and the counts that its tables quote (certify/summary.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/summary.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/model/bottom.hpp"
#include "gloro/report/content.hpp"

namespace gloro::report {

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

}  // namespace gloro::report
