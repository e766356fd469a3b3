// The network, layer by layer, with its Lipschitz estimates and bounds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "gloro/report/content.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

[[nodiscard]] inline std::string network_section(const Page& page) {
  const std::vector<ReportLayer>& layers = page.input.layers;
  if (layers.empty()) return "";
  std::string out =
      "<section id=\"network\">\n<h2>The network and its Lipschitz bounds</h2>\n"
      "<p>The estimate comes from power iteration, which is never above the true constant; "
      "training follows it. The upper bound is rigorous, rounding included, and alone stands "
      "behind the "
      "certificates. The true constant lies between the two.</p>\n"
      "<div class=\"wide\"><table>\n<caption>Estimates rounded to nearest, upper bounds rounded "
      "up.</caption>\n<thead><tr><th scope=\"col\">layer</th>"
      "<th scope=\"col\" class=\"words\">what it is</th><th scope=\"col\">output</th>"
      "<th scope=\"col\">parameters</th><th scope=\"col\">estimate</th>"
      "<th scope=\"col\">upper bound</th><th scope=\"col\">apart by</th></tr></thead>\n<tbody>\n";
  out += joined("<tr><th scope=\"row\">input</th><td class=\"words\"></td><td>",
                shape_text(page.input.input), "</td><td></td><td></td><td></td><td></td></tr>\n");
  const auto numbers = [](double estimate, double bound) {
    return joined("<td>", fixed(estimate, 6), "</td><td>", rounded_up(bound, 6), "</td><td>",
                  estimate > 0 ? fixed(std::max(0.0, 100 * (bound / estimate - 1)), 4) + " %" : "–",
                  "</td></tr>\n");
  };
  Index parameters = 0;
  double estimate = 1, bound = 1;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const ReportLayer& layer = layers[l];
    parameters += layer.parameters;
    if (l + 1 < layers.size()) {
      estimate *= layer.estimate;
      bound = std::nextafter(bound * layer.upper_bound, std::numeric_limits<double>::infinity());
    }
    out += joined("<tr><th scope=\"row\">", l, "</th><td class=\"words\">", escaped(layer.text),
                  l + 1 == layers.size() ? " (head)" : "",
                  layer.is_quick ? "; bounded roughly, as a better bound would cost too much" : "",
                  "</td><td>", shape_text(layer.output), "</td><td>", layer.parameters, "</td>") +
           numbers(layer.estimate, layer.upper_bound);
  }
  out += joined(
             "</tbody>\n<tfoot><tr><th scope=\"row\">all</th><td class=\"words\">product of the "
             "layers before the head</td><td></td><td>",
             parameters, "</td>") +
         numbers(estimate, bound);
  return out + "</tfoot></table></div>\n</section>\n";
}

}  // namespace gloro::report
