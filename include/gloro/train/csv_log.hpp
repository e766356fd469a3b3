// CsvLog: one line an epoch, for plots and reports. Whatever became of the file of a run that was stopped
// (a line cut short, one too many, none at all), the log of the run that goes on has each epoch once.
#pragma once

#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/train/reports.hpp"

namespace gloro {

class CsvLog {
 public:
  /// A new run begins a new log, which takes the place of an old one with its first line. One that goes
  /// on passes Trainer::reports(), and the log is at once what it was after those. Throws FileError if
  /// it cannot be written, or if there is a file that is no log.
  explicit CsvLog(OutputFile file, const std::vector<EpochReport>& so_far = {})
      : file_(std::move(file)) {
    if (!file_.is_stream()) require_log();
    file_.write(std::string(heading));
    for (const EpochReport& report : so_far) file_.write(line(report));
    if (!so_far.empty()) file_.commit();
  }

  void epoch(const EpochReport& report) {
    file_.write(line(report));
    file_.commit();
  }

 private:
  static constexpr std::string_view heading =
      "epoch,epsilon,learning_rate,lambda_factor,loss,train_clean,train_vra_estimate,test_clean,"
      "test_vra_estimate,test_rejected_estimate,lipschitz,seconds\n";
  /// Of version 0.1, whose logs a resumed run writes again under the heading of today.
  static constexpr std::string_view old_heading =
      "epoch,epsilon,learning_rate,lambda_factor,loss,train_clean,train_vra,test_clean,test_vra,"
      "test_rejected,lipschitz,seconds\n";

  /// An empty file, and a heading that a full disk has cut short, are taken for one.
  void require_log() const {
    if (!is_there(file_.path())) return;
    std::ifstream in = open_to_read(file_.path());
    std::string first(heading.size(), '\0');
    in.read(first.data(), static_cast<std::streamsize>(first.size()));
    first.resize(static_cast<std::size_t>(in.gcount()));
    if (!heading.starts_with(first) && !first.starts_with(old_heading))
      throw FileError(message(file_.path().string(),
                              ": is no training log, and is left as it is: it "
                              "should begin with \"",
                              heading.substr(0, 21), "\""));
  }

  [[nodiscard]] static std::string line(const EpochReport& report) {
    const StepReport& last = report.last;
    double lipschitz = 1;
    for (const double constant : report.lipschitz) lipschitz *= constant;
    return message(
        last.epoch + 1, ',', last.epsilon, ',', last.learning_rate, ',', last.lambda_factor, ',',
        last.train.mean_loss(), ',', last.train.clean_accuracy(), ',', last.train.estimated_vra(),
        ',', report.test.clean_accuracy(), ',', report.test.estimated_vra(), ',',
        report.test.estimated_rejection_rate(), ',', lipschitz, ',', report.seconds, '\n');
  }

  OutputFile file_;
};

}  // namespace gloro
