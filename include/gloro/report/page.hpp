// The sections of the report, each a function from the input to its piece of HTML.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gloro/report/bitmap.hpp"
#include "gloro/report/chart.hpp"
#include "gloro/report/content.hpp"
#include "gloro/report/text.hpp"

namespace gloro::report {

/// What the sections share.
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
    return at < input.class_names.size() ? escaped(input.class_names[at]) : joined(label);
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
      " at every point closer to the image than the radius, in 2-norm, in the unit of the network's "
      "input.";
  const Guarantee& guarantee = page.input.guarantee;
  if (!guarantee.is_relaxed())
    return "A certificate (label, radius) for an image means: the network, as a function of real "
           "numbers with exactly these weights, has that label as its unique top class" + everywhere;
  std::string sets = joined("any ", guarantee.most_classes(), " classes or fewer");
  if (!guarantee.affinity_sets().empty()) {
    sets = "classes of one set among";
    for (const auto& set : guarantee.affinity_sets())
      sets += " {" + page.class_list(set) + "}";
  }
  return joined("The guarantee is relaxed: an answer may be a set of classes, ", sets,
                ". A certificate (set, radius) for an image means: the network, as a function of real "
                "numbers with exactly these weights, has every class of the set above every class "
                "outside it", everywhere, " An answer is right where the label is in a proved set; "
                "clean accuracy is that of the top class.");
}

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
    box(joined(vra_name(page), " at ε = ", page.epsilon), percent(counts.right_and_set_certified, counts.samples),
        of_all(counts.right_and_set_certified) + ", right and proved");
    box("Clean accuracy", percent(counts.right, counts.samples), of_all(counts.right));
  } else {
    box("Certified at ε = " + page.epsilon, percent(counts.set_certified, counts.samples),
        of_all(counts.set_certified));
  }
  box("Rejected at ε = " + page.epsilon,
      rest_percent(counts.set_certified, counts.samples),
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

[[nodiscard]] inline std::string radii_section(const Page& page) {
  const ReportInput& input = page.input;
  const std::size_t total = page.all.size();
  const auto certified = sorted_radii(page.all, [](const Answer& a) { return a.proved.set_radius(); });
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
        ", " +
        fixed(100 * share_above(page.labelled ? verified : certified, epsilon, total), 1) +
        " % at " + epsilon_text(epsilon);
  chart.description += " to the largest radius, " + fixed(end, 2) + ".";

  std::string out = "<section id=\"radii\">\n<h2>How far the proofs reach</h2>\n" + figure(chart) +
                    "<div class=\"wide\"><table>\n<caption>At each ε an image counts where its "
                    "proved radius exceeds ε.</caption>\n<thead><tr><th scope=\"col\">ε</th>";
  if (page.labelled)
    out += joined("<th scope=\"col\">", vra_name(page), " (right and certified)</th>"
                  "<th scope=\"col\">certified, but wrong</th>");
  out += "<th scope=\"col\">certified</th><th scope=\"col\">rejected (⊥)</th></tr></thead>\n"
         "<tbody>\n";
  for (const double epsilon : epsilons) {
    const Counts at = count(page.all, epsilon);
    out += joined(epsilon == input.epsilon ? "<tr class=\"main\">" : "<tr>",
                  "<th scope=\"row\">", epsilon_text(epsilon), "</th>");
    if (page.labelled)
      out += share_cell(at.right_and_set_certified, at.samples) +
             joined("<td>", percent(at.set_certified - at.right_and_set_certified, at.samples), "</td>");
    out += joined("<td>", percent(at.set_certified, at.samples), "</td><td>",
                  rest_percent(at.set_certified, at.samples), "</td></tr>\n");
  }
  return out + "</tbody></table></div>\n</section>\n";
}

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
  std::string out =
      joined("<section id=\"classes\">\n<h2>Class by class</h2>\n<div class=\"wide\"><table>\n"
             "<caption>At ε = ", page.epsilon, page.labelled
                 ? ". The mean radius counts 0 where the label is wrong or not proved.</caption>\n"
                 : ", by the class with the largest logit: no labels are known.</caption>\n",
             "<thead><tr><th scope=\"col\">class</th><th scope=\"col\">images</th>");
  if (page.labelled)
    out += joined("<th scope=\"col\">clean accuracy</th><th scope=\"col\">", vra_name(page),
                  "</th>");
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

[[nodiscard]] inline std::string image_figure(const Page& page, const Answer& answer) {
  std::string words = joined("<span class=\"soft\">image ", answer.index, "</span><br>");
  if (page.labelled && !answer.is_right())
    words += joined("<span class=\"wrong\">✗ ", page.class_name(answer.top), "</span>, label ",
                    page.class_name(answer.truth));
  else
    words += page.class_name(answer.top);
  if (const std::vector<int> classes = answer.proved.classes(); classes.size() > 1)
    words += "<br>one of " + page.class_list(classes);
  const double radius = answer.proved.set_radius();
  words += radius > 0 ? "<br>radius " + radius_text(radius) : "<br>nothing proved";
  std::string picture_of;
  if (is_picture(page.input.images.shape()))
    picture_of = joined("<img alt=\"image ", answer.index, "\" src=\"",
                        picture(page.input.images.image<double>(answer.index)), "\">");
  return "<figure>" + picture_of + "<figcaption>" + words + "</figcaption></figure>\n";
}

[[nodiscard]] inline std::string images_section(const Page& page) {
  constexpr std::size_t most = 16;  // images of a kind
  std::string out = "<section id=\"images\">\n<h2>Images</h2>\n";
  const auto group = [&](const char* id, const std::string& title, const std::string& note,
                         auto selected, bool largest_first) {
    std::vector<Answer> some;
    for (const Answer& answer : page.all)
      if (selected(answer)) some.push_back(answer);
    if (some.empty()) return;
    const double sign = largest_first ? -1 : 1;
    std::sort(some.begin(), some.end(), [&](const Answer& a, const Answer& b) {
      return std::pair(sign * a.proved.set_radius(), a.index) <
             std::pair(sign * b.proved.set_radius(), b.index);
    });
    out += joined("<h3 id=\"", id, "\">", title, "</h3>\n<p class=\"note\">", note,
                  some.size() > most ? joined(" ", most, " of ", some.size(), ".") : "",
                  "</p>\n<div class=\"images\">\n");
    for (std::size_t i = 0; i < some.size() && i < most; ++i) out += image_figure(page, some[i]);
    out += "</div>\n";
  };
  const double epsilon = page.input.epsilon;
  const auto proved = [](const Answer& a) { return a.is_certified(0); };
  group("largest", "Largest radii", "The answers that are hardest to change.", proved, true);
  group("smallest", "Smallest radii", "Proved at the image itself, and hardly beyond it.", proved,
        false);
  group("rejected", "Rejected at ε = " + page.epsilon,
        "The network answers ⊥; first those that came closest.",
        [&](const Answer& a) { return !a.is_certified(epsilon); }, true);
  if (page.labelled)
    group("wrong", "Certified at ε = " + page.epsilon + ", but wrong",
          "A certificate proves that an answer is stable, not that it is true.",
          [&](const Answer& a) { return a.is_certified(epsilon) && !a.is_verified(epsilon); },
          true);
  return out + "</section>\n";
}

[[nodiscard]] inline std::string network_section(const Page& page) {
  const std::vector<ReportLayer>& layers = page.input.layers;
  if (layers.empty()) return "";
  std::string out =
      "<section id=\"network\">\n<h2>The network and its Lipschitz bounds</h2>\n"
      "<p>The estimate comes from power iteration, which is never above the true constant; "
      "training follows it. The upper bound is rigorous, rounding included, and alone stands behind the "
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
                  "</td><td>", shape_text(layer.output),
                  "</td><td>", layer.parameters, "</td>") +
           numbers(layer.estimate, layer.upper_bound);
  }
  out += joined("</tbody>\n<tfoot><tr><th scope=\"row\">all</th><td class=\"words\">product of the "
                "layers before the head</td><td></td><td>", parameters, "</td>") +
         numbers(estimate, bound);
  return out + "</tfoot></table></div>\n</section>\n";
}

[[nodiscard]] inline std::string training_section(const Page& page) {
  const TrainingLog& log = page.input.log;
  if (log.column("epoch").empty()) return "";
  const std::vector<double> epochs = log.column("epoch");
  using Columns = std::vector<std::pair<const char*, const char*>>;  // in the log, in the legend
  const auto draw = [&](Chart chart, const Columns& lines) {
    for (const auto& [column, name] : lines) {
      const std::vector<double> values = log.column(column);
      if (values.empty()) continue;
      chart.series.push_back({name, epochs, values});
      chart.description += joined(chart.description.empty() ? "" : "; ", name, " from ",
                                  values.front(), " to ", values.back());
    }
    chart.x_label = "epoch";
    chart.counts_x = true;
    return chart.series.empty() ? std::string() : figure(chart);
  };
  std::string out = joined("<section id=\"training\">\n<h2>How it was trained</h2>\n"
                           "<p class=\"note\">", epochs.size(),
                           " epochs. VRA here is by the estimates that training follows: on "
                           "training images at the epoch's own ε, on test images at the ε that "
                           "the run is for.</p>\n");
  out += draw({.id = "training-accuracy", .title = "Accuracy", .description = "", .x_label = "",
               .series = {}, .height = 340, .in_percent = true, .y_end = 1},
              {{"test_vra_estimate", "test VRA, estimated"}, {"test_clean", "test clean"},
               {"train_vra_estimate", "training VRA, estimated"}, {"train_clean", "training clean"}});
  const auto small = [](const char* id, const char* title, bool logarithmic) {
    return Chart{.id = id, .title = title, .description = "", .x_label = "", .series = {},
                 .width = 480, .height = 260, .logarithmic = logarithmic};
  };
  out += "<div class=\"charts\">\n";
  out += draw(small("training-loss", "Loss", false), {{"loss", "loss"}});
  out += draw(small("training-lipschitz", "Lipschitz constant of the network (estimate)", true),
              {{"lipschitz", "Lipschitz constant"}});
  out += draw(small("training-epsilon", "ε", false), {{"epsilon", "epsilon"}});
  out += draw(small("training-rate", "Learning rate", true), {{"learning_rate", "learning rate"}});
  return out + "</div>\n</section>\n";
}

}  // namespace gloro::report
