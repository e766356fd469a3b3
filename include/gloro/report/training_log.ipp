// The bodies of training_log.hpp.
#pragma once

#include "gloro/report/training_log.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/input_file.hpp"
#include "gloro/core/number.hpp"

namespace gloro::report {

GLORO_INLINE std::vector<double> TrainingLog::column(const std::string& name) const {
  const auto found = columns.find(name);
  return found == columns.end() ? std::vector<double>{} : found->second;
}

namespace detail {

[[nodiscard]] inline std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line)
    if (c == ',')
      fields.emplace_back();
    else if (c != '\r')
      fields.back() += c;
  return fields;
}

/// Logs of version 0.1 called the estimates by bare names.
[[nodiscard]] inline std::string column_name(const std::string& written) {
  for (const char* old : {"train_vra", "test_vra", "test_rejected"})
    if (written == old) return written + "_estimate";
  return written;
}

/// A number of the log; training that failed leaves nan and inf.
[[nodiscard]] inline std::optional<double> logged_number(std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (text == "nan" || text == "-nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return infinity;
  if (text == "-inf") return -infinity;
  return to_number(text);
}

}  // namespace detail

GLORO_INLINE TrainingLog read_training_log(const std::filesystem::path& path) {
  std::ifstream in = open_to_read(path);
  std::string line;
  std::getline(in, line);
  std::vector<std::string> names = detail::split(line);
  TrainingLog log;
  for (std::string& name : names) {
    name = detail::column_name(name);
    if (!log.columns.try_emplace(name).second)
      throw FileError(
          message(path.string(), ": not a training log: it has two columns '", name, "'"));
  }
  const auto epoch_at =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), "epoch") - names.begin());
  if (epoch_at == names.size())
    throw FileError(message(path.string(), ": not a training log: it has no column 'epoch'"));

  std::vector<std::vector<double>> rows;
  for (std::size_t number = 2; std::getline(in, line); ++number) {
    if (line.empty() || line == "\r") continue;
    const std::vector<std::string> fields = detail::split(line);
    if (fields.size() != names.size())
      throw FileError(message(path.string(), ": line ", number, " has ", fields.size(),
                              " fields, expected ", names.size()));
    std::vector<double> row;
    for (const std::string& field : fields) {
      const std::optional<double> value = detail::logged_number(field);
      if (!value)
        throw FileError(
            message(path.string(), ": line ", number, ": '", field, "' is not a number"));
      row.push_back(*value);
    }
    if (!std::isfinite(row[epoch_at]))
      throw FileError(
          message(path.string(), ": line ", number, ": '", fields[epoch_at], "' is no epoch"));
    while (!rows.empty() && rows.back()[epoch_at] >= row[epoch_at]) rows.pop_back();
    rows.push_back(std::move(row));
  }

  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<double>& column = log.columns[names[i]];
    for (const auto& row : rows) column.push_back(row[i]);
  }
  return log;
}

}  // namespace gloro::report
