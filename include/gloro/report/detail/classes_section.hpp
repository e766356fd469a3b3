// Class by class: clean accuracy, VRA, rejections, the mean radius.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "gloro/report/content.hpp"
#include "gloro/report/detail/answers.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

[[nodiscard]] inline std::string classes_section(const Page& page) {
  const ReportInput& input = page.input;
  int classes = page.labelled ? input.images.classes() : 0;
  for (const Answer& answer : page.all)
    classes = std::max({classes, answer.truth + 1, answer.top + 1});
  if (classes < 1 || classes > 1000) return "";
  std::vector<std::vector<Answer>> members(static_cast<std::size_t>(classes));
  for (const Answer& answer : page.all) {
    const int label = page.labelled ? answer.truth : answer.top;
    if (label >= 0) members[static_cast<std::size_t>(label)].push_back(answer);
  }
  std::string out = joined(
      "<section id=\"classes\">\n<h2>Class by class</h2>\n<div class=\"wide\"><table>\n"
      "<caption>At ε = ",
      page.epsilon,
      page.labelled
          ? ". The mean radius counts 0 where the label is wrong or not proved.</caption>\n"
          : ", by the class with the largest logit: no labels are known.</caption>\n",
      "<thead><tr><th scope=\"col\">class</th><th scope=\"col\">images</th>");
  if (page.labelled)
    out +=
        joined("<th scope=\"col\">clean accuracy</th><th scope=\"col\">", vra_name(page), "</th>");
  else
    out += "<th scope=\"col\">certified</th>";
  out += "<th scope=\"col\">rejected (⊥)</th><th scope=\"col\">mean radius</th></tr></thead>\n";
  const auto row = [&](const std::string& name, const std::vector<Answer>& some) {
    Counts counts = count(some, input.epsilon);
    if (!page.labelled) {
      counts.radius_sum = 0;
      for (const Answer& answer : some) counts.radius_sum += answer.proved.set_radius();
    }
    const Index size = counts.samples;
    out += joined("<tr><th scope=\"row\">", name, "</th><td>", size, "</td>");
    if (page.labelled)
      out += joined("<td>", percent(counts.right, size), "</td>") +
             share_cell(counts.right_and_set_certified, size);
    else
      out += share_cell(counts.set_certified, size);
    out += joined("<td>", rest_percent(counts.set_certified, size), "</td><td>",
                  size > 0 ? fixed(counts.average_radius(), 3) : "–", "</td></tr>\n");
  };
  out += "<tbody>\n";
  for (int label = 0; label < classes; ++label)
    row(page.class_name(label), members[static_cast<std::size_t>(label)]);
  out += "</tbody>\n<tfoot>\n";
  row("all", page.all);
  return out + "</tfoot></table></div>\n</section>\n";
}

}  // namespace gloro::report
