// Fuzzes the logs of trainings, and draws the curves of those that can be read.
#include <gloro/core/error.hpp>
#include <gloro/report/detail/chart.hpp>
#include <gloro/report/training_log.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzzed_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gloro;
  const fuzz::FuzzedFile file(fuzz::as_text(data, size));
  report::TrainingLog log;
  try {
    log = report::read_training_log(file.path());
  } catch (const Error&) {
    return 0;
  }
  const std::vector<double> epochs = log.column("epoch");
  for (std::size_t i = 0; i < epochs.size(); ++i)
    fuzz::require(std::isfinite(epochs[i]) && (i == 0 || epochs[i] > epochs[i - 1]),
                  "each epoch comes once, in order");
  for (const auto& [name, values] : log.columns) {
    fuzz::require(values.size() == epochs.size(), "a column has a value an epoch");
    for (const bool is_logarithmic : {false, true}) {
      report::Chart chart{
          .id = "log", .title = "A column", .description = "", .x_label = "epoch", .series = {}};
      chart.series.push_back({"values", epochs, values});
      chart.logarithmic = is_logarithmic;
      chart.counts_x = true;
      const std::string drawn = report::figure(chart);
      fuzz::require(
          drawn.find("nan") == std::string::npos && drawn.find("inf") == std::string::npos,
          "every mark has a place");
    }
  }
  return 0;
}
