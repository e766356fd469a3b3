// Page: what the sections of a report share, and the words and cells that several of them have.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gloro/report/content.hpp"
#include "gloro/report/detail/answers.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

/// What the sections are made from.
struct Page {
  explicit Page(const ReportInput& of)
      : input(of),
        all(answers(of)),
        labelled(of.images.has_labels()),
        epsilon(epsilon_text(of.epsilon)) {}

  const ReportInput& input;
  std::vector<Answer> all;
  bool labelled;
  std::string epsilon;  ///< the headline's

  [[nodiscard]] std::string class_name(int label) const {
    if (label == abstain) return "⊥";
    const auto at = static_cast<std::size_t>(label);
    const std::vector<std::string>& names = input.images.class_names();
    return at < names.size() ? escaped(names[at]) : joined(label);
  }
  [[nodiscard]] std::string class_list(const std::vector<int>& labels) const {
    std::string list;
    for (const int label : labels) list += (list.empty() ? "" : ", ") + class_name(label);
    return list;
  }
};

/// A cell with a bar behind its percentage.
[[nodiscard]] inline std::string share_cell(Index count, Index of) {
  const double share = of > 0 ? static_cast<double>(count) / static_cast<double>(of) : 0;
  return joined("<td class=\"bar\" style=\"--share:", fixed(share, 3), "\">", percent(count, of),
                "</td>");
}

/// VRA is of labels; what counts sets has a name of its own.
[[nodiscard]] inline std::string vra_name(const Page& page) {
  return page.input.guarantee.is_relaxed() ? "Set VRA" : "VRA";
}

/// What a certificate of this page says.
[[nodiscard]] inline std::string claim(const Page& page) {
  const std::string everywhere =
      " at every point closer to the image than the radius, in 2-norm, in the unit of the "
      "network's "
      "input.";
  const Guarantee& guarantee = page.input.guarantee;
  if (!guarantee.is_relaxed())
    return "A certificate (label, radius) for an image means: the network, as a function of real "
           "numbers with exactly these weights, has that label as its unique top class" +
           everywhere;
  std::string sets = joined("any ", guarantee.most_classes(), " classes or fewer");
  if (!guarantee.affinity_sets().empty()) {
    sets = "classes of one set among";
    for (const auto& set : guarantee.affinity_sets()) sets += " {" + page.class_list(set) + "}";
  }
  return joined(
      "The guarantee is relaxed: an answer may be a set of classes, ", sets,
      ". A certificate (set, radius) for an image means: the network, as a function of real "
      "numbers with exactly these weights, has every class of the set above every class "
      "outside it",
      everywhere,
      " An answer is right where the label is in a proved set; "
      "clean accuracy is that of the top class.");
}

}  // namespace gloro::report
