// What is known about the images of a report, and the counts that its tables quote (certify/summary.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/summary.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/infinity.hpp"
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
  double moved_at = infinity;  ///< the nearest distance at which an attack changed the top class
  int moved_to =
      abstain;  ///< the class there; `abstain` where no attack was tried, or none found any

  [[nodiscard]] bool is_right() const { return top == truth; }
  [[nodiscard]] bool is_certified(double epsilon) const {
    return stands(proved.set_radius(), epsilon);
  }
  /// Of the best proved answer that has the true class in it.
  [[nodiscard]] double verified_radius() const {
    return truth == abstain ? 0 : proved.set_radius_of(truth);
  }
  /// How far no attack could change a right answer: never below verified_radius() of top-1.
  [[nodiscard]] double unmoved_radius() const { return is_right() ? moved_at : 0; }
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
  constexpr std::size_t most_rivals = 3;  // lines that a curve can tell apart
  if (input.rivals.size() > most_rivals)
    throw ArgumentError(message("a report compares with ", most_rivals, " networks at most, got ",
                                input.rivals.size()));
  for (const ReportRival& rival : input.rivals)
    if (rival.certified.answers.size() != size || rival.certified.top.size() != size)
      throw ArgumentError(message("a report on ", size, " images takes as many answers of ",
                                  rival.model, ", got ", rival.certified.answers.size()));
  const bool is_attacked = !input.attack.empty();
  if (is_attacked && (input.attack.distances.size() != size || input.attack.labels.size() != size ||
                      input.attack.points.batch() != input.images.size() ||
                      input.attack.points.shape() != input.images.shape()))
    throw ArgumentError(message("a report on ", size, " images takes as many attacked ones, got ",
                                input.attack.distances.size()));
  for (const double epsilon : input.epsilons)
    if (!(epsilon >= 0)) throw ArgumentError(message("epsilon must be >= 0, got ", epsilon));
  if (!(input.epsilon >= 0))
    throw ArgumentError(message("epsilon must be >= 0, got ", input.epsilon));
  std::vector<Answer> all(size);
  for (std::size_t i = 0; i < size; ++i) {
    const int truth = input.images.has_labels() ? input.images.labels()[i] : abstain;
    all[i] = {static_cast<Index>(i), truth, input.certified.top[i], input.certified.answers[i]};
    if (is_attacked && input.attack.distances[i] < infinity) {
      all[i].moved_at = input.attack.distances[i];
      all[i].moved_to = input.attack.labels[i];
    }
    if (!(all[i].proved.radius >= 0 && all[i].proved.set_radius() >= 0))
      throw ArgumentError(message("image ", i, " has the radius ", all[i].proved.radius));
  }
  return all;
}

/// The same images with another network's answers.
[[nodiscard]] inline std::vector<Answer> answers_of(std::vector<Answer> all,
                                                    const ReportRival& rival) {
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = {all[i].index, all[i].truth, rival.certified.top[i], rival.certified.answers[i]};
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
