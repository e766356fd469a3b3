// CsvLog: one line an epoch, for plots and reports. Whatever became of the file of a run that was stopped
// (a line cut short, one too many, none at all), the log of the run that goes on has each epoch once.
#pragma once

#include <string>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/output_file.hpp"
#include "gloro/train/reports.hpp"

namespace gloro {

class CsvLog {
 public:
  /// A new run begins a new log, which takes the place of an old one with its first line. One that goes
  /// on passes Trainer::reports(), and the log is at once what it was after those. Throws FileError if
  /// it cannot be written, or if there is a file that is no log.
  explicit CsvLog(OutputFile file, const std::vector<EpochReport>& so_far = {});

  void epoch(const EpochReport& report);

 private:
  /// An empty file, and a heading that a full disk has cut short, are taken for one.
  void require_log() const;

  [[nodiscard]] static std::string line(const EpochReport& report);

  OutputFile file_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/csv_log.ipp"
#endif
