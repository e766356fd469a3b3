// How it was trained: the curves of a training log.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gloro/report/detail/chart.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

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
  std::string out = joined(
      "<section id=\"training\">\n<h2>How it was trained</h2>\n"
      "<p class=\"note\">",
      epochs.size(),
      " epochs. VRA here is by the estimates that training follows: on "
      "training images at the epoch's own ε, on test images at the ε that "
      "the run is for.</p>\n");
  out += draw({.id = "training-accuracy",
               .title = "Accuracy",
               .description = "",
               .x_label = "",
               .series = {},
               .height = 340,
               .in_percent = true,
               .y_end = 1},
              {{"test_vra_estimate", "test VRA, estimated"},
               {"test_clean", "test clean"},
               {"train_vra_estimate", "training VRA, estimated"},
               {"train_clean", "training clean"}});
  const auto small = [](const char* id, const char* title, bool logarithmic) {
    return Chart{.id = id,
                 .title = title,
                 .description = "",
                 .x_label = "",
                 .series = {},
                 .width = 480,
                 .height = 260,
                 .logarithmic = logarithmic};
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
