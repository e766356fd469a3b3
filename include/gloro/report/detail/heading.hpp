// The head of the page: whose it is, the figures to quote, and what a certificate of it says.
#pragma once

#include <string>
#include <vector>

#include "gloro/report/content.hpp"
#include "gloro/report/detail/answers.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

[[nodiscard]] inline std::string heading(const Page& page) {
  const ReportInput& input = page.input;
  const Counts counts = count(page.all, input.epsilon);
  std::string out = joined("<header>\n<h1>", escaped(input.model), "</h1>\n<p class=\"lead\">",
                           counts.samples, " images of ", escaped(input.images.name()),
                           ", certified by gloro.</p>\n<dl class=\"figures\">\n");
  const auto box = [&](const std::string& term, const std::string& value, const std::string& more) {
    out += joined("<div><dt>", term, "</dt><dd>", value, "<small>", more, "</small></dd></div>\n");
  };
  const auto of_all = [&](Index some) { return joined(some, " of ", counts.samples); };
  if (page.labelled) {
    box(joined(vra_name(page), " at ε = ", page.epsilon),
        percent(counts.right_and_set_certified, counts.samples),
        of_all(counts.right_and_set_certified) + ", right and proved");
    box("Clean accuracy", percent(counts.right, counts.samples), of_all(counts.right));
  } else {
    box("Certified at ε = " + page.epsilon, percent(counts.set_certified, counts.samples),
        of_all(counts.set_certified));
  }
  box("Rejected at ε = " + page.epsilon, rest_percent(counts.set_certified, counts.samples),
      of_all(counts.samples - counts.set_certified) + " answered ⊥");
  const std::vector<double> radii = sorted_radii(page.all, [&](const Answer& answer) {
    return page.labelled ? answer.verified_radius() : answer.proved.set_radius();
  });
  if (!radii.empty())
    box("Median radius", radius_text(radii[(radii.size() - 1) / 2]),
        page.labelled ? "of right and proved answers" : "of proved answers");
  out += "</dl>\n";
  if (!input.warning.empty())
    out += "<p class=\"warning\" role=\"note\">Warning: " + escaped(input.warning) + "</p>\n";
  return out + "<p>" + claim(page) +
         " Where the radius does not exceed ε the answer at ε is ⊥. "
         "Radii and shares of proved answers are rounded down.</p>\n</header>\n";
}

}  // namespace gloro::report
