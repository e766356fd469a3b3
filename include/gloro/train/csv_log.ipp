// The bodies of csv_log.hpp.
#pragma once

#include "gloro/train/csv_log.hpp"

#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/output_file.hpp"

namespace gloro {

namespace detail {

inline constexpr std::string_view csv_heading =
    "epoch,epsilon,learning_rate,lambda_factor,loss,train_clean,train_vra_estimate,test_clean,"
    "test_vra_estimate,test_rejected_estimate,lipschitz,seconds\n";
/// Of version 0.1, whose logs a resumed run writes again under the heading of today.
inline constexpr std::string_view old_csv_heading =
    "epoch,epsilon,learning_rate,lambda_factor,loss,train_clean,train_vra,test_clean,test_vra,"
    "test_rejected,lipschitz,seconds\n";

}  // namespace detail

GLORO_INLINE CsvLog::CsvLog(OutputFile file, const std::vector<EpochReport>& so_far)
    : file_(std::move(file)) {
  if (!file_.is_stream()) require_log();
  file_.write(std::string(detail::csv_heading));
  for (const EpochReport& report : so_far) file_.write(line(report));
  if (!so_far.empty()) file_.commit();
}

GLORO_INLINE void CsvLog::epoch(const EpochReport& report) {
  file_.write(line(report));
  file_.commit();
}

GLORO_INLINE void CsvLog::require_log() const {
  if (!is_there(file_.path())) return;
  std::ifstream in = open_to_read(file_.path());
  std::string first(detail::csv_heading.size(), '\0');
  in.read(first.data(), static_cast<std::streamsize>(first.size()));
  first.resize(static_cast<std::size_t>(in.gcount()));
  if (!detail::csv_heading.starts_with(first) && !first.starts_with(detail::old_csv_heading))
    throw FileError(message(file_.path().string(),
                            ": is no training log, and is left as it is: it "
                            "should begin with \"",
                            detail::csv_heading.substr(0, 21), "\""));
}

GLORO_INLINE std::string CsvLog::line(const EpochReport& report) {
  const StepReport& last = report.last;
  double lipschitz = 1;
  for (const double constant : report.lipschitz) lipschitz *= constant;
  return message(last.epoch + 1, ',', last.epsilon, ',', last.learning_rate, ',',
                 last.lambda_factor, ',', last.train.mean_loss(), ',', last.train.clean_accuracy(),
                 ',', last.train.estimated_vra(), ',', report.test.clean_accuracy(), ',',
                 report.test.estimated_vra(), ',', report.test.estimated_rejection_rate(), ',',
                 lipschitz, ',', report.seconds, '\n');
}

}  // namespace gloro
