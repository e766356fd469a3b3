// The bodies of closing_note.hpp.
#pragma once

#include "gloro/train/closing_note.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/train/metrics.hpp"

namespace gloro {

namespace detail {

/// The variance of a share that was counted over so many samples (of a binomial).
[[nodiscard]] inline double variance(double share, Index samples) {
  return samples > 0 ? share * (1 - share) / static_cast<double>(samples) : 0;
}

[[nodiscard]] inline std::string in_percent(double share) {
  return fixed_text(100 * share, 1) + " %";
}

/// The product of the layers' estimates, the last layer's among them.
[[nodiscard]] inline double lipschitz_of(const EpochReport& report) {
  double product = 1;
  for (const double constant : report.lipschitz) product *= constant;
  return product;
}

[[nodiscard]] inline std::string note_on_fit(const EpochReport& end, double test_epsilon) {
  const Metrics& train = end.last.train;
  const double on_train = train.estimated_vra(), on_test = end.test.estimated_vra();
  if (end.last.epsilon < 0.9 * test_epsilon)
    return message("eps was ", rounded_text(end.last.epsilon, 3), " at the end and never ",
                   rounded_text(test_epsilon, 3), ", for which test images are counted (VRA ~",
                   in_percent(on_test), "); more epochs, or a schedule that gets there");
  const double doubt =
      2 * std::sqrt(variance(on_train, train.samples) + variance(on_test, end.test.samples));
  const std::string both =
      message("VRA ~", in_percent(on_train), " on training images (eps ",
              rounded_text(end.last.epsilon, 3), "), ~", in_percent(on_test), " on test images: ");
  if (on_test > 0.99) return both + "little is left to gain at this eps";
  if (on_train - on_test > std::max(doubt, 0.01))
    return both +
           "it fits what it saw better than what it did not; more images, augmentation or "
           "weight decay would help most";
  if (end.test.clean_accuracy() > 0.5 && on_test < 0.1)
    return message("clean accuracy ", in_percent(end.test.clean_accuracy()), ", VRA ~",
                   in_percent(on_test),
                   ": the bound is too large for the radius; a smaller eps, a loss that weighs "
                   "robustness more, or more epochs at the full eps");
  return both + "it does not fit too closely; more epochs or a larger network would help most";
}

[[nodiscard]] inline std::string note_on_progress(const std::vector<EpochReport>& reports) {
  const auto vra = [](const EpochReport& report) { return report.test.estimated_vra(); };
  const EpochReport& end = reports.back();
  const auto best =
      std::max_element(reports.begin(), reports.end(),
                       [&](const EpochReport& a, const EpochReport& b) { return vra(a) < vra(b); });
  const double doubt = 2 * std::sqrt(2 * variance(vra(end), end.test.samples));
  if (vra(*best) - vra(end) > doubt)
    return message("the test VRA was best after epoch ", best->last.epoch + 1, " (~",
                   in_percent(vra(*best)), "), ", in_percent(vra(*best) - vra(end)),
                   " above the end");
  const std::size_t tenth = std::max<std::size_t>(1, reports.size() / 10);
  if (reports.size() <= tenth) return "";
  const double before = vra(reports[reports.size() - 1 - tenth]);
  if (vra(end) - before <= doubt) return "";
  return message("the test VRA still rose at the end, by ", in_percent(vra(end) - before),
                 tenth == 1 ? " in the last epoch" : message(" in the last ", tenth, " epochs"));
}

[[nodiscard]] inline std::string note_on_lipschitz(const std::vector<EpochReport>& reports) {
  const auto largest = std::max_element(
      reports.begin(), reports.end(),
      [](const auto& a, const auto& b) { return lipschitz_of(a) < lipschitz_of(b); });
  return message("K of the layers together: ", rounded_text(lipschitz_of(reports.front()), 3),
                 " after the first epoch, ", rounded_text(lipschitz_of(*largest), 3),
                 " at most (epoch ", largest->last.epoch + 1, "), ",
                 rounded_text(lipschitz_of(reports.back()), 3), " at the end");
}

}  // namespace detail

GLORO_INLINE std::vector<std::string> closing_note(const std::vector<EpochReport>& reports,
                                                   double test_epsilon) {
  if (reports.empty()) return {};
  std::vector<std::string> note{detail::note_on_fit(reports.back(), test_epsilon)};
  if (std::string text = detail::note_on_progress(reports); !text.empty()) note.push_back(text);
  note.push_back(detail::note_on_lipschitz(reports));
  return note;
}

}  // namespace gloro
