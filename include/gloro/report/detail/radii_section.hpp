// How far the proofs reach: certified accuracy over the radius, and at each epsilon.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gloro/report/content.hpp"
#include "gloro/report/detail/answers.hpp"
#include "gloro/report/detail/chart.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

/// How many images have which radius.
[[nodiscard]] inline std::string radius_histogram(const Page& page) {
  const auto radii = sorted_radii(page.all, [](const Answer& a) { return a.proved.set_radius(); });
  const auto last = std::find_if(radii.rbegin(), radii.rend(),
                                 [](double radius) { return std::isfinite(radius); });
  if (last == radii.rend()) return "";
  const double step = tick_step(*last, 40);
  const auto bins = static_cast<std::size_t>(std::floor(*last / step)) + 1;
  std::vector<double> right(bins, 0), all(bins, 0);
  for (const Answer& answer : page.all) {
    const double radius = answer.proved.set_radius();
    if (!(radius > 0) || std::isinf(radius)) continue;
    const auto bin = static_cast<std::size_t>(std::floor(radius / step));
    all[bin] += 1;
    if (answer.verified_radius() > 0) right[bin] += 1;
  }
  const auto outline = [&](std::string name, const std::vector<double>& counts) {
    Series line{std::move(name), {0}, {0}};
    for (std::size_t bin = 0; bin < bins; ++bin)
      for (const std::size_t edge : {bin, bin + 1}) {
        line.x.push_back(static_cast<double>(edge) * step);
        line.y.push_back(counts[bin]);
      }
    line.x.push_back(static_cast<double>(bins) * step);
    line.y.push_back(0);
    return line;
  };
  const std::size_t mode =
      static_cast<std::size_t>(std::max_element(all.begin(), all.end()) - all.begin());
  Chart chart{.id = "histogram",
              .title = "How many images have which radius",
              .description = joined("Steps of ", step, ". Most images, ", all[mode],
                                    ", have a radius from ", static_cast<double>(mode) * step,
                                    " to ", static_cast<double>(mode + 1) * step, "."),
              .x_label = "certified radius (2-norm)",
              .series = {},
              .height = 240,
              .is_filled = true,
              .y_begin = 0};
  if (page.labelled) chart.series.push_back(outline("right", right));
  chart.series.push_back(outline(page.labelled ? "right or wrong" : "proved", all));
  chart.markers.push_back({page.input.epsilon, page.epsilon});
  return figure(chart);
}

/// This network beside others, on the same images.
[[nodiscard]] inline std::string rivals_table(const Page& page) {
  if (page.input.rivals.empty()) return "";
  std::string out =
      "<div class=\"wide\"><table id=\"models\">\n<caption>The models of the curve, at ε = " +
      page.epsilon + ".</caption>\n<thead><tr><th scope=\"col\">model</th>";
  if (page.labelled)
    out += "<th scope=\"col\">" + vra_name(page) + "</th><th scope=\"col\">clean accuracy</th>";
  out +=
      "<th scope=\"col\">certified</th><th scope=\"col\">median "
      "radius</th></tr></thead>\n<tbody>\n";
  const auto row = [&](const std::string& name, const std::vector<Answer>& all) {
    const Counts counts = count(all, page.input.epsilon);
    const auto radii = sorted_radii(all, [](const Answer& a) { return a.proved.set_radius(); });
    out += joined("<tr><th scope=\"row\">", escaped(name), "</th>");
    if (page.labelled)
      out += share_cell(counts.right_and_set_certified, counts.samples) +
             joined("<td>", percent(counts.right, counts.samples), "</td>");
    out += joined("<td>", percent(counts.set_certified, counts.samples), "</td><td>",
                  radii.empty() ? "–" : radius_text(radii[(radii.size() - 1) / 2]), "</td></tr>\n");
  };
  row(page.input.model, page.all);
  for (const ReportRival& rival : page.input.rivals) row(rival.model, answers_of(page.all, rival));
  return out + "</tbody></table></div>\n";
}

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
  const double largest = end;
  const bool is_attacked = page.labelled && !input.attack.empty();
  const auto unmoved = sorted_radii(page.all, [](const Answer& a) { return a.unmoved_radius(); });
  if (is_attacked)
    for (const double radius : unmoved)
      if (std::isfinite(radius)) end = std::max(end, radius);
  constexpr int points = 480;  // one for every two pixels of the plot's width
  Series right{"right and certified", {}, {}}, any{"certified, right or wrong", {}, {}};
  Series attacked{"right and not moved by an attack", {}, {}};
  for (int i = 0; i <= points; ++i) {
    const double r = end * i / points;
    right.x.push_back(r);
    right.y.push_back(share_above(verified, r, total));
    any.x.push_back(r);
    any.y.push_back(share_above(certified, r, total));
    attacked.x.push_back(r);
    attacked.y.push_back(share_above(unmoved, r, total));
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
  if (is_attacked) chart.series.push_back(attacked);
  for (const ReportRival& rival : input.rivals) {
    const auto radii = sorted_radii(answers_of(page.all, rival), [&](const Answer& a) {
      return page.labelled ? a.verified_radius() : a.proved.set_radius();
    });
    Series line{(page.labelled ? "right and certified, " : "certified, ") + rival.model, {}, {}};
    for (int i = 0; i <= points; ++i) {
      line.x.push_back(end * i / points);
      line.y.push_back(share_above(radii, line.x.back(), total));
    }
    chart.series.push_back(std::move(line));
  }
  for (const double epsilon : epsilons) chart.markers.push_back({epsilon, epsilon_text(epsilon)});
  chart.description = "A falling curve from ";
  chart.description += fixed(100 * chart.series[0].y.front(), 1) + " % at radius 0";
  for (const double epsilon : epsilons)
    chart.description +=
        ", " + fixed(100 * share_above(page.labelled ? verified : certified, epsilon, total), 1) +
        " % at " + epsilon_text(epsilon);
  chart.description += " to the largest radius, " + fixed(largest, 2) + ".";
  if (is_attacked)
    chart.description += " Above it the share that an attack could not move, " +
                         fixed(100 * share_above(unmoved, input.epsilon, total), 1) + " % at " +
                         page.epsilon + ".";

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
  return out + "</tbody></table></div>\n" + radius_histogram(page) + rivals_table(page) +
         "</section>\n";
}

}  // namespace gloro::report
