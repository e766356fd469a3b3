// Which class is taken for which: the confusion matrix by the top class, or, where there are too many
// classes for one, its largest entries.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/report/detail/answers.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

/// counts[truth][top], of square shape.
using Confusion = std::vector<std::vector<Index>>;

[[nodiscard]] inline Confusion confusion(const Page& page) {
  int classes = page.input.images.classes();
  for (const Answer& answer : page.all)
    classes = std::max({classes, answer.truth + 1, answer.top + 1});
  const auto size = static_cast<std::size_t>(classes);
  Confusion counts(size, std::vector<Index>(size, 0));
  for (const Answer& answer : page.all)
    if (answer.truth >= 0 && answer.top >= 0)
      ++counts[static_cast<std::size_t>(answer.truth)][static_cast<std::size_t>(answer.top)];
  return counts;
}

[[nodiscard]] inline std::string confusion_matrix(const Page& page, const Confusion& counts) {
  std::string out =
      "<div class=\"wide\"><table class=\"confusion\">\n<caption>A row a label, a column a top "
      "class; the darker, the more of the row.</caption>\n<thead><tr><th scope=\"col\">label</th>";
  for (std::size_t i = 0; i < counts.size(); ++i)
    out += joined("<th scope=\"col\">", page.class_name(static_cast<int>(i)), "</th>");
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t truth = 0; truth < counts.size(); ++truth) {
    Index of = 0;
    for (const Index count : counts[truth]) of += count;
    out += joined("<tr><th scope=\"row\">", page.class_name(static_cast<int>(truth)), "</th>");
    for (std::size_t top = 0; top < counts.size(); ++top) {
      const Index count = counts[truth][top];
      if (top == truth)
        out += joined("<td class=\"right\">", count, "</td>");
      else if (count == 0)
        out += "<td></td>";
      else  // a tenth of a row is as dark as it gets
        out += joined(
            "<td class=\"some\" style=\"--share:",
            fixed(std::min(45.0, 8 + 400 * static_cast<double>(count) / static_cast<double>(of)),
                  0),
            "%\">", count, "</td>");
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

[[nodiscard]] inline std::string largest_confusions(const Page& page, const Confusion& counts) {
  constexpr std::size_t most = 20;
  std::vector<std::tuple<Index, int, int>>
      mistakes;  // less the count, so that the largest come first
  for (std::size_t truth = 0; truth < counts.size(); ++truth)
    for (std::size_t top = 0; top < counts.size(); ++top)
      if (top != truth && counts[truth][top] > 0)
        mistakes.emplace_back(-counts[truth][top], static_cast<int>(truth), static_cast<int>(top));
  std::sort(mistakes.begin(), mistakes.end());
  std::string out =
      "<div class=\"wide\"><table>\n<caption>The most frequent mistakes.</caption>\n<thead><tr>"
      "<th scope=\"col\">label</th><th scope=\"col\">taken for</th><th scope=\"col\">images</th>"
      "</tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < mistakes.size() && i < most; ++i) {
    const auto [less, truth, top] = mistakes[i];
    out += joined("<tr><th scope=\"row\">", page.class_name(truth), "</th><td>",
                  page.class_name(top), "</td><td>", -less, "</td></tr>\n");
  }
  return out + "</tbody></table></div>\n";
}

[[nodiscard]] inline std::string confusion_section(const Page& page) {
  constexpr std::size_t widest = 20, largest = 1000;
  if (!page.labelled) return "";
  const Confusion counts = confusion(page);
  if (counts.size() < 2 || counts.size() > largest) return "";
  return "<section id=\"confusion\">\n<h2>Which class is taken for which</h2>\n" +
         (counts.size() <= widest ? confusion_matrix(page, counts)
                                  : largest_confusions(page, counts)) +
         "</section>\n";
}

}  // namespace gloro::report
