// How far the proofs reach: certified accuracy over the radius, and at each epsilon.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "gloro/report/content.hpp"
#include "gloro/report/detail/answers.hpp"
#include "gloro/report/detail/chart.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

[[nodiscard]] inline std::string radii_section(const Page& page) {
  const ReportInput& input = page.input;
  const std::size_t total = page.all.size();
  const auto certified =
      sorted_radii(page.all, [](const Answer& a) { return a.proved.set_radius(); });
  const auto verified = sorted_radii(page.all, [](const Answer& a) { return a.verified_radius(); });
  const std::vector<double> epsilons = all_epsilons(input);

  double end = 0;
  for (const double radius : certified)
    if (std::isfinite(radius)) end = radius;
  if (!(end > 0)) end = epsilons.back() > 0 && std::isfinite(epsilons.back()) ? epsilons.back() : 1;
  constexpr int points = 480;  // one for every two pixels of the plot's width
  Series right{"right and certified", {}, {}}, any{"certified, right or wrong", {}, {}};
  for (int i = 0; i <= points; ++i) {
    const double r = end * i / points;
    right.x.push_back(r);
    right.y.push_back(share_above(verified, r, total));
    any.x.push_back(r);
    any.y.push_back(share_above(certified, r, total));
  }
  Chart chart{.id = "curve",
              .title = page.labelled ? "Certified accuracy over the radius"
                                     : "Share of images certified over the radius",
              .description = "",
              .x_label = "radius r (2-norm)",
              .series = {},
              .in_percent = true,
              .x_end = end,
              .y_begin = 0,
              .y_end = 1};
  if (page.labelled) chart.series.push_back(right);
  chart.series.push_back(any);
  for (const double epsilon : epsilons) chart.markers.push_back({epsilon, epsilon_text(epsilon)});
  chart.description = "A falling curve from ";
  chart.description += fixed(100 * chart.series[0].y.front(), 1) + " % at radius 0";
  for (const double epsilon : epsilons)
    chart.description +=
        ", " + fixed(100 * share_above(page.labelled ? verified : certified, epsilon, total), 1) +
        " % at " + epsilon_text(epsilon);
  chart.description += " to the largest radius, " + fixed(end, 2) + ".";

  std::string out = "<section id=\"radii\">\n<h2>How far the proofs reach</h2>\n" + figure(chart) +
                    "<div class=\"wide\"><table>\n<caption>At each ε an image counts where its "
                    "proved radius exceeds ε.</caption>\n<thead><tr><th scope=\"col\">ε</th>";
  if (page.labelled)
    out += joined("<th scope=\"col\">", vra_name(page),
                  " (right and certified)</th>"
                  "<th scope=\"col\">certified, but wrong</th>");
  out +=
      "<th scope=\"col\">certified</th><th scope=\"col\">rejected (⊥)</th></tr></thead>\n"
      "<tbody>\n";
  for (const double epsilon : epsilons) {
    const Counts at = count(page.all, epsilon);
    out += joined(epsilon == input.epsilon ? "<tr class=\"main\">" : "<tr>", "<th scope=\"row\">",
                  epsilon_text(epsilon), "</th>");
    if (page.labelled)
      out += share_cell(at.right_and_set_certified, at.samples) +
             joined("<td>", percent(at.set_certified - at.right_and_set_certified, at.samples),
                    "</td>");
    out += joined("<td>", percent(at.set_certified, at.samples), "</td><td>",
                  rest_percent(at.set_certified, at.samples), "</td></tr>\n");
  }
  return out + "</tbody></table></div>\n</section>\n";
}

}  // namespace gloro::report
