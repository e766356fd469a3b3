// TrainingLog: the lines that CsvLog wrote in training (train/csv_log.hpp), read back as columns.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gloro::report {

/// A value an epoch in each column, by the column's name; no columns: no log.
struct TrainingLog {
  std::map<std::string, std::vector<double>> columns;

  [[nodiscard]] bool empty() const { return columns.empty(); }
  /// The column, or nothing where there is none.
  [[nodiscard]] std::vector<double> column(const std::string& name) const;
};

/// Reads a log with an `epoch` column. Where a run was repeated in the same file, so that an epoch
/// comes again, the later lines take the place of the earlier ones. Throws FileError for a file
/// that is no such log, among them one with two columns of a name.
[[nodiscard]] TrainingLog read_training_log(const std::filesystem::path& path);

}  // namespace gloro::report

#ifndef GLORO_COMPILED
#include "gloro/report/training_log.ipp"
#endif
